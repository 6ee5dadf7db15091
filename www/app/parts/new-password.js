// A password that somebody thinks up: the rules before, how it stands while it
// is typed.
import { html } from '../html.js';
import { judgePassword, PASSWORD_MAX, PASSWORD_MIN } from '../password.js';
import { PasswordField } from './password-field.js';

export function NewPassword({ id, label, name, value, error, onInput, inputName }) {
	const { length, strength } = judgePassword(value, name);

	return html`<${PasswordField} id=${id} name=${inputName} label=${label} error=${error} autocomplete="new-password" value=${value}
		minlength=${PASSWORD_MIN} onInput=${e => onInput(e.currentTarget.value)}
		hint=${`${PASSWORD_MIN} to ${PASSWORD_MAX} characters of any kind; not a common password, not the user name. Several words in a row do well.`}>
		<p class="judged small" role="status">${value && html`<span>${length}</span> <span>${strength}</span>`}</p>
	<//>`;
}

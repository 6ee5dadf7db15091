// The first administrator, by the link that the service wrote when it started.
import { useState } from 'preact/hooks';
import { api } from '../api.js';
import { html } from '../html.js';
import { NewPassword } from '../parts/new-password.js';
import { TextField } from '../parts/text-field.js';
import { useTryAgain } from '../parts/try-again.js';
import { judgePassword } from '../password.js';
import { href, replace, setupToken } from '../route.js';
import { begin } from '../session.js';

function NoToken() {
	return html`<div class="notice narrow">
		<p><strong>The set-up link is not complete.</strong> Open it once more, as a whole: it stands in the file
			${' '}<code>setup-link</code> of the service's state folder and ends in a long row of letters and digits.</p>
		<p><a href=${href('/')}>Log in</a>, if the service has an administrator already.</p>
	</div>`;
}

// Why the server does not take the link, and what to do.
function refusal(error) {
	if (error.status === 401)
		return 'This link does not work: it is older than a day, or a newer one was made. Start the service again to get a new one.';
	if (error.status === 409)
		return 'The service has an administrator already.';
	return Object.keys(error.fields).length ? '' : error.message;
}

export function Setup() {
	const [name, setName] = useState('');
	const [password, setPassword] = useState('');
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();
	const verdict = judgePassword(password, name);

	const submit = async event => {
		event.preventDefault();
		if (!verdict.fits) {
			setError({ fields: { password: verdict.strength || verdict.length } });
			return;
		}
		setBusy(true);
		try {
			const answer = await ask(() => api.setup({ token: setupToken(), username: name.trim(), password }));

			replace('/');
			begin(answer);
			return;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	if (!setupToken())
		return html`<${NoToken} />`;
	return html`<form class="card narrow form-column" onSubmit=${submit} aria-label="Set-up">
		<p>Nobody has an account here yet. Choose a name and a password for the first administrator, who can add everybody
			else.</p>
		<${TextField} id="setup-name" name="username" label="User name" required autocomplete="username" autocapitalize="none"
			spellcheck=${false} maxlength="64" value=${name} error=${error?.fields.username} autofocus
			hint="Small letters, digits and . _ @ -" onInput=${e => setName(e.currentTarget.value)} />
		<${NewPassword} id="setup-password" inputName="password" label="Password" name=${name} value=${password}
			error=${error?.fields.password} onInput=${setPassword} />
		${error && refusal(error) && html`<p class="field-error" role="alert">${refusal(error)}
			${error.status === 409 && html` <a href=${href('/')}>Log in</a>`}</p>`}
		${notice}
		<button type="submit" class="main" disabled=${busy}>Make the account</button>
	</form>`;
}

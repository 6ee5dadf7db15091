// A labelled input with its error beside it.
import { html } from '../html.js';

export function Field({ id, label, error, children, hint, more }) {
	return html`<div class=${error ? 'field wrong' : 'field'}>
		<label for=${id}>${label}</label>
		${children}
		${hint && html`<p class="small" id=${`${id}-hint`}>${hint}</p>`}
		${more}
		${error && html`<p class="field-error" id=${`${id}-error`} role="alert">${error}</p>`}
	</div>`;
}

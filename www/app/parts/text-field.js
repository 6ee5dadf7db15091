// A line of text to type, with its label, hint and error tied to it. What is
// not named here goes to the input as it is; inputRef gets the element.
import { html } from '../html.js';
import { Field } from './field.js';

export function TextField({ id, label, hint, error, type = 'text', inputRef, ...input }) {
	const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');

	return html`<${Field} id=${id} label=${label} hint=${hint} error=${error}>
		<input id=${id} type=${type} ref=${inputRef} aria-describedby=${described || undefined}
			aria-invalid=${error ? 'true' : undefined} ...${input} />
	<//>`;
}

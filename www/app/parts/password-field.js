// A password, hidden until its typist wants to see it.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { Field } from './field.js';

export function PasswordField({ id, label, hint, error, children, autocomplete = 'current-password', ...input }) {
	const [shown, setShown] = useState(false);
	const [capsLock, setCapsLock] = useState(false);
	const described = [hint && `${id}-hint`, children && `${id}-more`, error && `${id}-error`].filter(Boolean).join(' ');
	const watch = event => setCapsLock(event.getModifierState?.('CapsLock') ?? false);

	return html`<${Field} id=${id} label=${label} hint=${hint} error=${error}
		more=${children && html`<div id=${`${id}-more`}>${children}</div>`}>
		<span class="with-button">
			<input id=${id} type=${shown ? 'text' : 'password'} required autocomplete=${autocomplete} autocapitalize="none"
				spellcheck=${false} aria-describedby=${described || undefined}
				aria-invalid=${error ? 'true' : undefined} onKeyDown=${watch} onKeyUp=${watch} ...${input} />
			<button type="button" aria-pressed=${shown ? 'true' : 'false'} aria-controls=${id} aria-label=${`Show: ${label}`}
				onClick=${() => setShown(!shown)}>Show</button>
		</span>
		${capsLock && html`<p class="small" role="status">Caps lock is on.</p>`}
	<//>`;
}

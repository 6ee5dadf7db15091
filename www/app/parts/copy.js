// Something to take along: shown whole, copied by a button.
import { html } from '../html.js';
import { tell } from './message.js';

async function copy(text, what) {
	try {
		await navigator.clipboard.writeText(text);
		tell(`${what}: copied.`);
	} catch {
		tell('The browser does not allow this. Select the text and copy it by hand.');
	}
}

export function CopyButton({ text, what, children = 'Copy' }) {
	return html`<button type="button" aria-label=${`${children}: ${what}`} onClick=${() => copy(text, what)}>${children}</button>`;
}

export function CopyBox({ text, what }) {
	return html`<div class="copy-box">
		<pre tabindex="0" role="group" aria-label=${what}><code>${text}</code></pre>
		<${CopyButton} text=${text} what=${what} />
	</div>`;
}

// What has just happened, for the eye and for a screen reader.
import { signal } from '@preact/signals';
import { html } from '../html.js';

const SHOWN_MS = 6000;
const current = signal(null);
let timer;

export function tell(text) {
	clearTimeout(timer);
	current.value = text;
	timer = setTimeout(() => { current.value = null; }, SHOWN_MS);
}

export function Messages() {
	return html`<div class="messages" role="status" aria-live="polite">
		${current.value && html`<p class="message">${current.value}</p>`}
	</div>`;
}

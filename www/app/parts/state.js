// A view that waits, failed, or has its data.
import { html } from '../html.js';

export function Failure({ error, retry, stale }) {
	return html`<div class="notice failure" role="alert">
		<p><strong>${stale ? 'These figures could not be brought up to date.' : 'This could not be loaded.'}</strong>
			${' '}${error.message}</p>
		${error.requestId && html`<p class="small">Request ${error.requestId}</p>`}
		<button type="button" onClick=${retry}>Try again</button>
	</div>`;
}

// Draws children(data) when there is data, also old data while new is awaited.
export function Loaded({ state, children, placeholder = 'Loading' }) {
	const { data, error, loading, retry } = state;

	return html`<div class="loaded" aria-busy=${loading ? 'true' : 'false'}>
		${error && html`<${Failure} error=${error} retry=${retry} stale=${data !== null} />`}
		${data !== null ? children(data) : !error && html`<p class="waiting">${placeholder} …</p>`}
	</div>`;
}

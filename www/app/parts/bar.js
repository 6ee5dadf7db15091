// A share as a picture. The words beside it say the same; it is hidden from
// screen readers.
import { html } from '../html.js';

export function Bar({ share, kind = '' }) {
	const width = Math.max(0, Math.min(1, share || 0)) * 100;

	return html`<div class=${`bar ${kind}`} aria-hidden="true">
		<div class="bar-fill" style=${{ width: `${width}%` }}></div>
	</div>`;
}

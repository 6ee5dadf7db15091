// Ask before something goes that can not be typed again.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';

export function Confirm({ title, text, action, busy, onConfirm, onCancel }) {
	const dialog = useRef(null);

	useEffect(() => {
		dialog.current.showModal();
	}, []);
	return html`<dialog ref=${dialog} class="confirm" aria-labelledby="confirm-title" onClose=${onCancel}>
		<h2 id="confirm-title">${title}</h2>
		<p>${text}</p>
		<div class="buttons">
			<button type="button" autofocus onClick=${() => dialog.current.close()}>Cancel</button>
			<button type="button" class="danger" disabled=${busy} onClick=${onConfirm}>${action}</button>
		</div>
	</dialog>`;
}

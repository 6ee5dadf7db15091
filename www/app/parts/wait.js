// Counts down to the moment when something may be tried again. Said once to a
// screen reader, and again when it is over.
import { useEffect, useState } from 'preact/hooks';
import { duration } from '../format.js';
import { html } from '../html.js';

export function Wait({ seconds, onOver }) {
	const [until] = useState(() => Date.now() + seconds * 1000);
	const [left, setLeft] = useState(seconds);

	useEffect(() => {
		const timer = setInterval(() => {
			const now = Math.max(0, Math.ceil((until - Date.now()) / 1000));

			setLeft(now);
			if (now === 0) {
				clearInterval(timer);
				onOver();
			}
		}, 250);
		return () => clearInterval(timer);
	}, []);
	return html`<p class="notice">
		<span aria-hidden="true">Too many attempts. You can try again in ${duration(left)}.</span>
		<span class="only-spoken" role="alert">Too many attempts. You can try again in ${duration(seconds)}.</span>
	</p>`;
}

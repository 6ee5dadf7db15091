// For what takes the hash of a password, of which the server does but a few at
// a time: it is asked again by itself, and says so meanwhile.
import { useState } from 'preact/hooks';
import { askAgain } from '../again.js';
import { html } from '../html.js';

// ask(request) gives its answer; notice stands in the form.
export function useTryAgain() {
	const [waits, setWaits] = useState(false);

	const ask = async request => {
		try {
			return await askAgain(request, { busy: () => setWaits(true) });
		} finally {
			setWaits(false);
		}
	};

	return { ask, notice: waits && html`<p class="notice" role="status">The server is busy just now. It is tried again in a moment.</p>` };
}

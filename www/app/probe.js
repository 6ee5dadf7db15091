// Asking the server who is logged in: at the start, when the browser brings an
// old page back, and when another tab logged in or out.
import { signal } from '@preact/signals';
import { api } from './api.js';
import { begin, end } from './session.js';

// Why the question could not be put; null: it could.
export const probeError = signal(null);

export async function probe() {
	try {
		const answer = await api.session();

		probeError.value = null;
		if (answer)
			begin(answer);
		else
			end();
	} catch (error) {
		probeError.value = error;
	}
}

const channel = new BroadcastChannel('dum-session');

export function tellOtherTabs() {
	channel.postMessage('changed');
}

channel.addEventListener('message', probe);
addEventListener('pageshow', event => {
	if (event.persisted)
		probe();
});

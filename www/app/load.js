// Data from the server for a view: what is there, what went wrong, and a way
// to try again. Old data stays on the page while new is on its way.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

// Raised after each change, so that whatever is on the page is read again.
export const changes = signal(0);

export function useLoad(load, inputs) {
	const [state, setState] = useState({ data: null, error: null, loading: true });
	const [attempt, setAttempt] = useState(0);

	useEffect(() => {
		const abort = new AbortController();

		setState(old => ({ ...old, loading: true }));
		load(abort.signal).then(
			data => setState({ data, error: null, loading: false }),
			error => {
				if (!abort.signal.aborted)
					setState(old => ({ ...old, error, loading: false }));
			});
		return () => abort.abort();
	}, [...inputs, attempt, changes.value]);
	return { ...state, retry: () => setAttempt(n => n + 1) };
}

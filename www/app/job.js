// Work that goes on in the service while the page waits for it.
import { useEffect, useState } from 'preact/hooks';
import { api } from './api.js';

const PAUSE_MS = 1000;

export const isOver = job => job.state === 'done' || job.state === 'failed';

// Resolves to the job when it is over; onStep(job) as it goes on. What can be
// tried again is: the service may restart, the line may break.
export async function followJob(id, onStep, signal) {
	for (;;) {
		try {
			const job = await api.job(id, signal);

			onStep(job);
			if (isOver(job))
				return job;
		} catch (error) {
			if (signal.aborted || error.status >= 400 && error.status < 500 && error.status !== 429)
				throw error;
		}
		await new Promise(resolve => { setTimeout(resolve, PAUSE_MS); });
	}
}

// The job of that number, null before it is known or where there is none; and
// the error that ended the watch.
export function useJob(id) {
	const [state, setState] = useState({ job: null, error: null });

	useEffect(() => {
		const abort = new AbortController();

		setState({ job: null, error: null });
		if (id)
			followJob(id, job => setState({ job, error: null }), abort.signal)
				.catch(error => !abort.signal.aborted && setState({ job: null, error }));
		return () => abort.abort();
	}, [id]);
	return state;
}

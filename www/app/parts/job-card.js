// A longer work and what came of it, also after the page was loaded anew. done(job)
// and failed(job) tell of it when it is over; onClose leaves it.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { isOver, useJob } from '../job.js';
import { changes } from '../load.js';
import { Progress } from './progress.js';
import { Failure } from './state.js';

export function JobCard({ id, label, doing, done, failed, onClose }) {
	const { job, error } = useJob(id);
	const over = Boolean(job) && isOver(job);

	useEffect(() => {
		if (over)
			changes.value++;
	}, [over]);
	if (error)
		return html`<${Failure} error=${error} retry=${onClose} />`;
	return html`<section class="card full" aria-label=${label}>
		${!over && html`<${Progress} label=${`${doing[job?.kind] ?? 'Working'} …`} job=${job} />
			<p class="small">It goes on without this page.</p>`}
		${over && (job.state === 'done' ? done(job) : failed(job))}
		${over && html`<button type="button" onClick=${onClose}>Close</button>`}
	</section>`;
}

// How far a longer work has come; without a job there is only the waiting.
import { html } from '../html.js';

export function Progress({ label, job }) {
	return html`<div role="status"><label>${label}${' '}
		${job ? html`<progress max="1" value=${job.progress}></progress> ${Math.floor(100 * job.progress)} %` : html`<progress></progress>`}
	</label></div>`;
}

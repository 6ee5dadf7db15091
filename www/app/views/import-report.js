// What an import would do, did, or why it was refused.
import { count, exactGigabytes, longDay, plural } from '../format.js';
import { html } from '../html.js';
import { complaintInWords, countsInWords, placeOf, remarks, sortChanges } from '../import.js';

const SHOWN = 100;

function Changes({ report }) {
	const { changes, new: added, changed } = report;

	if (!changes?.length)
		return null;
	const shown = sortChanges(changes).slice(0, SHOWN);
	const rest = added + changed - shown.length;

	return html`<h3>What would change</h3>
		<div class="scroll" tabindex="0" role="group" aria-label="What would change"><table>
			<thead><tr><th scope="col">Day</th><th scope="col">Location</th><th scope="col" class="number">Before</th>
				<th scope="col" class="number">After</th></tr></thead>
			<tbody>${shown.map(({ date, location, before_gb: before, after_gb: after }) => html`<tr key=${`${date} ${location}`}>
				<th scope="row">${longDay(date)}</th><td>${location}</td>
				<td class="number">${before === null ? 'unknown' : exactGigabytes(before)}</td>
				<td class="number">${exactGigabytes(after)}</td>
			</tr>`)}</tbody>
		</table></div>
		${rest > 0 && html`<p class="small">And ${plural(rest, 'more figure', 'more figures')}.</p>`}`;
}

function Complaints({ report, left }) {
	const { errors = [], errors_total: total = 0 } = report;

	if (total === 0)
		return null;
	const shown = errors.slice(0, SHOWN);

	return html`<h3>${left ? 'Left out' : 'What is wrong'}: ${plural(total, 'place')}</h3>
		<ul class="complaints">${shown.map((error, i) => html`<li key=${i}>
			${placeOf(error) && html`<strong>${placeOf(error)}:</strong> `}${complaintInWords(error)}</li>`)}</ul>
		${total > shown.length && html`<p class="small">And ${count(total - shown.length)} more.</p>`}`;
}

// refused: nothing of it can be imported as it is.
export function Report({ report, refused }) {
	return html`
		${!refused && html`<p><strong>${countsInWords(report)}.</strong> ${remarks(report).join(' ')}</p>`}
		<${Complaints} report=${report} left=${!refused} />
		${!refused && html`<${Changes} report=${report} />`}`;
}

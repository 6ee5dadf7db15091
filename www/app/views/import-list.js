// What was imported, newest first, and the way back.
import { useState } from 'preact/hooks';
import { may } from '../access.js';
import { api } from '../api.js';
import { actorInWords } from '../audit.js';
import { count, longDay, moment, plural } from '../format.js';
import { html } from '../html.js';
import { countsInWords } from '../import.js';
import { changes, useLoad } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { href, route } from '../route.js';
import { user } from '../session.js';

const PER_PAGE = 20;

// The cells that somebody changed since, so that the import stays.
export function InTheWay({ name, cells, total, onClose }) {
	return html`<div class="notice" role="alert">
		<p><strong>${name} was not taken back.</strong> ${plural(total, 'day')} of it ${total === 1 ? 'was' : 'were'} changed since:</p>
		<ul>${cells.map(({ date, location, summary }) => html`<li key=${`${date} ${location} ${summary}`}>${location}, ${longDay(date)}${summary && ' (monthly total)'}</li>`)}
			${total > cells.length && html`<li>and ${count(total - cells.length)} more</li>`}</ul>
		<p>So that the later changes are not lost, all of the import stays. What is wrong in it can be corrected by hand.</p>
		${onClose && html`<button type="button" onClick=${onClose}>Close</button>`}
	</div>`;
}

export function undoneInWords({ removed, restored }) {
	return `${plural(removed, 'day')} removed, ${count(restored)} set back.`;
}

function Row({ entry, onUndo }) {
	return html`<tr class=${entry.undone_at ? 'inactive' : ''}>
		<th scope="row" data-label="File">${entry.file_name}</th>
		<td data-label="When">${moment(entry.at)}</td>
		<td data-label="Who">${actorInWords(entry.actor)}</td>
		<td data-label="Figures">${countsInWords(entry)}</td>
		<td data-label="State">${entry.undone_at ? `Taken back ${moment(entry.undone_at)}` : 'Stands'}</td>
		<td class="actions">${!entry.undone_at && entry.new + entry.changed > 0 && may(user.value, 'editor') && html`
			<button type="button" aria-label=${`Take back ${entry.file_name}, ${moment(entry.at)}`} onClick=${() => onUndo(entry)}>Take back</button>`}</td>
	</tr>`;
}

function Table({ answer, onUndo }) {
	if (answer.data.length === 0)
		return html`<p>Nothing was imported yet.</p>`;
	return html`<table class="stacking">
			<thead><tr><th scope="col">File</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Figures</th>
				<th scope="col">State</th><th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${answer.data.map(entry => html`<${Row} key=${entry.id} entry=${entry} onUndo=${onUndo} />`)}</tbody>
		</table>
		<nav class="pages" aria-label="Pages">
			${route.value.query.before && html`<a class="button" href=${href('/import')}>Newest</a>`}
			${answer.next !== null && html`<a class="button" href=${href('/import', { before: answer.next })}>Older</a>`}
		</nav>`;
}

// onJob(id): the undo is a longer work.
export function Imports({ onJob }) {
	const { before } = route.value.query;
	const state = useLoad(signal => api.imports({ limit: PER_PAGE, before }, signal), [before]);
	const [doomed, setDoomed] = useState(null);
	const [stopped, setStopped] = useState(null);
	const [busy, setBusy] = useState(false);

	const undo = async () => {
		setBusy(true);
		setStopped(null);
		try {
			const answer = await api.undoImport(doomed.id);

			if (answer.state)
				onJob(answer.id);
			else
				tell(`${doomed.file_name}: ${undoneInWords(answer)}`);
			changes.value++;
		} catch (failure) {
			const cells = failure.places?.filter(({ date }) => date) ?? [];

			if (failure.status === 409 && cells.length)
				setStopped({ name: doomed.file_name, cells, total: failure.total || cells.length });
			else
				tell(failure.message);
		}
		setBusy(false);
		setDoomed(null);
	};

	return html`<section class="card full" aria-labelledby="imports">
		<h2 id="imports">What was imported</h2>
		${stopped && html`<${InTheWay} ...${stopped} onClose=${() => setStopped(null)} />`}
		<${Loaded} state=${state}>${answer => html`<${Table} answer=${answer} onUndo=${setDoomed} />`}<//>
		${doomed && html`<${Confirm} title="Take this import back?" busy=${busy} action="Take back"
			text=${`${doomed.file_name}, ${moment(doomed.at)}: ${plural(doomed.new, 'day')} that it added will be unknown again, ${plural(doomed.changed, 'day')} that it changed will get the figure from before.`}
			onConfirm=${undo} onCancel=${() => setDoomed(null)} />`}
	</section>`;
}

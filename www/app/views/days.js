// The records of the days: look them up, enter, correct, delete.
import { useState } from 'preact/hooks';
import { may } from '../access.js';
import { api } from '../api.js';
import { browserToday, count, exactGigabytes, longDay, parseGigabytes } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { Field } from '../parts/field.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { Conflict, removeRecord, replaceRecord } from '../record.js';
import { go, href, route } from '../route.js';
import { user } from '../session.js';
import { NoLocation } from './no-location.js';

const PER_PAGE = 50;
const NO_NUMBER = 'This is not a number of gigabytes, such as 12.5.';

function AddDay({ locations, chosen }) {
	const active = locations.filter(location => location.is_active);
	const [day, setDay] = useState(browserToday());
	const [location, setLocation] = useState(String(chosen || active[0]?.id || ''));
	const [amount, setAmount] = useState('');
	const [errors, setErrors] = useState({});
	const [busy, setBusy] = useState(false);

	const save = async event => {
		event.preventDefault();
		const gb = parseGigabytes(amount);

		if (gb === null) {
			setErrors({ usage_gb: NO_NUMBER });
			return;
		}
		setBusy(true);
		try {
			const stored = await api.putDay({ date: day, location_id: Number(location), usage_gb: gb });

			setErrors({});
			setAmount('');
			tell(`${stored.display_name}, ${longDay(stored.date)}: ${exactGigabytes(stored.usage_gb)} GB stored.`);
			changes.value++;
		} catch (failure) {
			const known = ['date', 'location_id', 'usage_gb'].some(name => failure.fields[name]);

			setErrors(known ? failure.fields : { all: failure.message });
		}
		setBusy(false);
	};

	if (active.length === 0)
		return html`<${NoLocation} />`;
	return html`<form class="card wide form" onSubmit=${save} aria-labelledby="add-day">
		<h2 id="add-day">Enter a day</h2>
		<p class="small">A day that is there already gets the new figure. <a href=${href('/enter')}>Enter many at once</a>.</p>
		<div class="fields">
			<${Field} id="day-date" label="Day" error=${errors.date}>
				<input id="day-date" type="date" required value=${day} onInput=${e => setDay(e.currentTarget.value)} />
			<//>
			<${Field} id="day-location" label="Location" error=${errors.location_id}>
				<select id="day-location" required value=${location} onChange=${e => setLocation(e.currentTarget.value)}>
					${active.map(({ id, display_name: name }) => html`<option key=${id} value=${id}>${name}</option>`)}
				</select>
			<//>
			<${Field} id="day-amount" label="Gigabytes" error=${errors.usage_gb}>
				<input id="day-amount" class="number" inputmode="decimal" required autocomplete="off" value=${amount}
					onInput=${e => setAmount(e.currentTarget.value)} />
			<//>
			<button type="submit" class="main" disabled=${busy}>Save</button>
		</div>
		${errors.all && html`<p class="field-error" role="alert">${errors.all}</p>`}
	</form>`;
}

function Filter({ locations, query }) {
	const set = (name, value) => go('/days', { ...query, page: '', [name]: value });

	return html`<form class="filter" aria-label="Which days" onSubmit=${e => e.preventDefault()}>
		<${Field} id="filter-start" label="From">
			<input id="filter-start" type="date" value=${query.start_date || ''} onChange=${e => set('start_date', e.currentTarget.value)} />
		<//>
		<${Field} id="filter-end" label="Until">
			<input id="filter-end" type="date" value=${query.end_date || ''} onChange=${e => set('end_date', e.currentTarget.value)} />
		<//>
		<${Field} id="filter-location" label="Location">
			<select id="filter-location" value=${query.location_id || ''} onChange=${e => set('location_id', e.currentTarget.value)}>
				<option value="">All</option>
				${locations.map(({ id, display_name: name }) => html`<option key=${id} value=${id}>${name}</option>`)}
			</select>
		<//>
		<button type="button" onClick=${() => go('/days')}>Show all</button>
	</form>`;
}

// What somebody else made of a record meanwhile.
function inWords({ message, theirs }) {
	return `${message} ${theirs ? `It is ${exactGigabytes(theirs.usage_gb)} GB now.` : 'It is gone.'}`;
}

function Edit({ record, onDone }) {
	const [amount, setAmount] = useState(String(record.usage_gb));
	const [seen, setSeen] = useState({ id: record.id, gb: record.usage_gb });
	const [error, setError] = useState('');
	const id = `edit-${record.id}`;

	const save = async event => {
		event.preventDefault();
		const gb = parseGigabytes(amount);

		if (gb === null) {
			setError(NO_NUMBER);
			return;
		}
		try {
			const stored = await replaceRecord(seen, gb);

			tell(`${record.display_name}, ${longDay(record.date)}: now ${exactGigabytes(stored.usage_gb)} GB.`);
			changes.value++;
			onDone();
		} catch (failure) {
			setError(failure.theirs ? `${inWords(failure)} Save once more to put yours in its place.` : failure.message);
			if (failure.theirs)
				setSeen({ id: record.id, gb: failure.theirs.usage_gb });
		}
	};

	return html`<form class="inline" onSubmit=${save} onKeyDown=${e => e.key === 'Escape' && onDone()}>
		<label class="only-spoken" for=${id}>Gigabytes of ${record.display_name} on ${longDay(record.date)}</label>
		<input id=${id} class="number" inputmode="decimal" autocomplete="off" value=${amount}
			ref=${el => el && !el.dataset.seen && (el.dataset.seen = '1', el.select())}
			onInput=${e => setAmount(e.currentTarget.value)} />
		<button type="submit" class="main">Save</button>
		<button type="button" onClick=${onDone}>Cancel</button>
		${error && html`<p class="field-error" role="alert">${error}</p>`}
	</form>`;
}

function Row({ record, editable, onDelete }) {
	const [editing, setEditing] = useState(false);
	const name = `${record.display_name}, ${longDay(record.date)}`;

	return html`<tr>
		<th scope="row" data-label="Day">${record.date}</th>
		<td data-label="Location">${record.display_name}</td>
		<td class=${editing ? 'number' : 'number figure-cell'} data-label="Gigabytes">${editing
			? html`<${Edit} record=${record} onDone=${() => setEditing(false)} />`
			: exactGigabytes(record.usage_gb)}</td>
		${editable && html`<td class="actions">
			<button type="button" aria-label=${`Correct ${name}`} onClick=${() => setEditing(true)}>Correct</button>
			<button type="button" aria-label=${`Delete ${name}`} onClick=${() => onDelete(record)}>Delete</button>
		</td>`}
	</tr>`;
}

function Pages({ pagination, query }) {
	const { page, pages, total } = pagination;
	const link = (to, text) => html`<a class="button" href=${href('/days', { ...query, page: to === 1 ? '' : to })}>${text}</a>`;

	return html`<nav class="pages" aria-label="Pages">
		${page > 1 && link(page - 1, 'Newer')}
		<span class="small">Page ${count(page)} of ${count(Math.max(1, pages))}, ${count(total)} records</span>
		${page < pages && link(page + 1, 'Older')}
	</nav>`;
}

function Records({ answer, query }) {
	const [doomed, setDoomed] = useState(null);
	const [busy, setBusy] = useState(false);
	const editable = may(user.value, 'editor');

	const remove = async () => {
		setBusy(true);
		try {
			await removeRecord({ id: doomed.id, gb: doomed.usage_gb });
			tell(`${doomed.display_name}, ${longDay(doomed.date)} was deleted.`);
			changes.value++;
		} catch (failure) {
			tell(failure instanceof Conflict ? `${inWords(failure)}${failure.theirs ? ' It was not deleted.' : ''}` : failure.message);
			changes.value++;
		}
		setBusy(false);
		setDoomed(null);
	};

	// The last record of the last page may just have been deleted.
	if (answer.data.length === 0 && answer.pagination.total)
		return html`<p>There is no such page. <a href=${href('/days', { ...query, page: answer.pagination.pages })}>Go to the last one</a></p>`;
	if (answer.data.length === 0)
		return html`<p>There are no records of these days.</p>`;
	return html`
		<table class="stacking days">
			<thead><tr><th scope="col">Day</th><th scope="col">Location</th><th scope="col" class="number">Gigabytes</th>
				${editable && html`<th scope="col"><span class="only-spoken">Actions</span></th>`}</tr></thead>
			<tbody>${answer.data.map(record => html`<${Row} key=${record.id} record=${record} editable=${editable} onDelete=${setDoomed} />`)}</tbody>
		</table>
		<${Pages} pagination=${answer.pagination} query=${query} />
		${doomed && html`<${Confirm} title="Delete this day?" busy=${busy} action="Delete"
			text=${`${doomed.display_name}, ${longDay(doomed.date)}: ${exactGigabytes(doomed.usage_gb)} GB. The day will then count as unknown.`}
			onConfirm=${remove} onCancel=${() => setDoomed(null)} />`}`;
}

export function Days() {
	const { query } = route.value;
	const locations = useLoad(signal => api.locations(signal), []);
	const chosen = { start_date: query.start_date, end_date: query.end_date, location_id: query.location_id };
	const filter = { ...chosen, page: query.page || 1, per_page: PER_PAGE };
	const records = useLoad(signal => api.days(filter, signal), [JSON.stringify(filter)]);

	return html`
		<${Loaded} state=${locations}>${list => may(user.value, 'editor') && html`
			<${AddDay} key=${query.location_id || ''} locations=${list} chosen=${query.location_id} />`}<//>
		<section class="card full" aria-labelledby="records">
			<div class="card-head">
				<h2 id="records">Records</h2>
				<a class="button" href=${api.daysFile(chosen)} download>Download as CSV</a>
			</div>
			<${Filter} locations=${locations.data ?? []} query=${query} />
			<${Loaded} state=${records}>${answer => html`<${Records} answer=${answer} query=${query} />`}<//>
		</section>`;
}

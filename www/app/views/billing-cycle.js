// On which day of the month cycles start: as it is, and what another day would
// do before it does it.
import { useState } from 'preact/hooks';
import { api } from '../api.js';
import { addDays, browserToday, dayRange, longDay, plural } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { Field } from '../parts/field.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { TextField } from '../parts/text-field.js';

async function load(signal) {
	const [setting, locations] = await Promise.all([api.cycleDay({}, signal), api.locations(signal)]);

	return { setting, locations };
}

function whose(locationId, names) {
	return locationId === null ? 'All locations' : names.get(locationId) ?? `location ${locationId}`;
}

// What holds without a setting, as far as these tell: the one before it of the
// same, or that for all.
function without({ location_id: location, valid_from: from }, settings) {
	const own = settings.some(entry => entry.location_id === location && entry.valid_from < from);

	return location === null ? 'The day that held before goes on.'
		: own ? 'Its own day of before goes on.' : 'It goes by the day for all locations again.';
}

function Settings({ setting, names }) {
	const [asked, setAsked] = useState(null);

	const remove = async () => {
		try {
			await api.removeCycleDay(asked.id);
			tell(`The change of ${longDay(asked.valid_from)} was taken back.`);
			changes.value++;
		} catch (failure) {
			tell(failure.message);
		}
		setAsked(null);
	};

	// Whether a cycle has started by it the server knows; before the longest one it has.
	const mayGo = ({ valid_from: from }) => from > addDays(browserToday(), -31);

	return html`<section class="card full" aria-labelledby="present-cycle">
		<h2 id="present-cycle">As it is</h2>
		<p>Billing cycles start on <strong>day ${setting.cycle_day}</strong> of the month${setting.valid_from ? `, since ${longDay(setting.valid_from)}` : ''}.</p>
		${setting.settings.length > 0 && html`<table class="stacking">
			<thead><tr><th scope="col">Of</th><th scope="col">From</th><th scope="col">First day</th>
				<th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${setting.settings.map(entry => html`<tr key=${entry.id}>
				<th scope="row" data-label="Of">${whose(entry.location_id, names)}</th>
				<td data-label="From">${longDay(entry.valid_from)}</td>
				<td data-label="First day">Day ${entry.cycle_day}</td>
				<td class="actions">${mayGo(entry) && html`<button type="button"
					aria-label=${`Take back: ${whose(entry.location_id, names)}, ${longDay(entry.valid_from)}`}
					onClick=${() => setAsked(entry)}>Take back</button>`}</td>
			</tr>`)}</tbody>
		</table>`}
		${asked && html`<${Confirm} title="Take this change back?" action="Take back"
			text=${`${whose(asked.location_id, names)}: day ${asked.cycle_day} from ${longDay(asked.valid_from)} on. ${without(asked, setting.settings)}`}
			onConfirm=${remove} onCancel=${() => setAsked(null)} />`}
	</section>`;
}

// From when on, or that it never will: a later setting takes over before.
function takeOver(takesOver, day) {
	return takesOver ? `From ${longDay(takesOver)} on, cycles start on day ${day}.`
		: `Day ${day} never takes over: a setting of a later date does so before it could.`;
}

function Effect({ effect: { preview, takes_over: takesOver }, cycleDay }) {
	const stubs = preview.filter(cycle => cycle.is_stub);

	return html`
		<p><strong>${takeOver(takesOver, cycleDay)}</strong>
			${' '}${stubs.length === 0 ? 'No cycle is cut short.' : `${plural(stubs.length, 'cycle is', 'cycles are')} cut short${takesOver ? `, so that the next one starts on day ${cycleDay}` : ''}.`}
			${' '}Earlier cycles stay as they were.</p>
		<table class="stacking">
			<thead><tr><th scope="col">Cycle</th><th scope="col" class="number">Days</th></tr></thead>
			<tbody>${preview.map(cycle => html`<tr key=${cycle.start}>
				<th scope="row" data-label="Cycle">${dayRange(cycle.start, cycle.end)}${cycle.is_stub && html` <span class="tag">cut short</span>`}</th>
				<td class="number" data-label="Days">${cycle.days_in_cycle}</td>
			</tr>`)}</tbody>
		</table>`;
}

// null: not fit to be asked about.
function readDay(text) {
	const day = /^\d{1,2}$/.test(text.trim()) ? Number(text) : 0;

	return day >= 1 && day <= 31 ? day : null;
}

function Change({ locations, present }) {
	const [location, setLocation] = useState('');
	const [text, setText] = useState(String(present));
	const [from, setFrom] = useState(addDays(browserToday(), 1));
	const [failure, setFailure] = useState(null);
	const [busy, setBusy] = useState(false);
	const day = readDay(text);
	const wish = { cycle_day: day, valid_from: from, location_id: location ? Number(location) : null };
	const ready = day !== null && from !== '';
	const effect = useLoad(signal => ready
		? api.cycleDay({ preview_day: day, valid_from: from, location_id: location }, signal)
		: Promise.resolve(null), [text, from, location]);
	const set = (change, value) => {
		setFailure(null);
		change(value);
	};

	const save = async event => {
		event.preventDefault();
		if (!ready)
			return;
		setBusy(true);
		try {
			const { takes_over: takesOver } = await api.changeCycleDay(wish);

			tell(takeOver(takesOver, day));
			changes.value++;
		} catch (error) {
			setFailure(error);
		}
		setBusy(false);
	};
	const errors = { ...effect.error?.fields, ...failure?.fields };
	const known = ['cycle_day', 'preview_day', 'valid_from', 'location_id'].some(name => errors[name]);

	return html`<form class="card full" onSubmit=${save} aria-labelledby="change-cycle">
		<h2 id="change-cycle">Another first day</h2>
		<div class="fields">
			<${Field} id="cycle-location" label="Of" error=${errors.location_id}>
				<select id="cycle-location" value=${location} onChange=${e => set(setLocation, e.currentTarget.value)}>
					<option value="">All without a day of their own</option>
					${locations.map(({ id, display_name: name }) => html`<option key=${id} value=${id}>${name}</option>`)}
				</select>
			<//>
			<${TextField} id="cycle-day" label="First day" inputmode="numeric" required value=${text} onInput=${e => set(setText, e.currentTarget.value)}
				hint=${day > 28 ? 'In shorter months: on their last day' : 'A day of the month, 1 to 31'}
				error=${day === null ? 'A day of the month is a number from 1 to 31.' : errors.cycle_day ?? errors.preview_day} />
			<${Field} id="cycle-from" label="From" error=${errors.valid_from}>
				<input id="cycle-from" type="date" required value=${from} onInput=${e => set(setFrom, e.currentTarget.value)} />
			<//>
		</div>
		<h3>What it would do</h3>
		${known ? html`<p>Correct what is marked above to see it.</p>`
			: html`<${Loaded} state=${effect}>${answer => answer ? html`<${Effect} effect=${answer} cycleDay=${day} />` : html`<p>Say the day and the date to see it.</p>`}<//>`}
		${failure && !known && html`<p class="field-error" role="alert">${failure.message}</p>`}
		<div class="buttons"><button type="submit" class="main" disabled=${busy || !ready || known}>Change the day</button></div>
	</form>`;
}

export function BillingCycle() {
	const state = useLoad(load, []);

	return html`<${Loaded} state=${state}>${({ setting, locations }) => {
		const names = new Map(locations.map(({ id, display_name: name }) => [id, name]));

		return html`<${Settings} setting=${setting} names=${names} />
			<${Change} locations=${locations} present=${setting.cycle_day} />`;
	}}<//>`;
}

// What each billing cycle came to, how the running one will end, and what the
// provider's bills say.
import { useMemo, useState } from 'preact/hooks';
import { may } from '../access.js';
import { api } from '../api.js';
import { billOf, billsWanted, compareCycles, otherBills, sumBills } from '../cycle.js';
import { writeCsv } from '../csv.js';
import { download } from '../download.js';
import { count, dayFromNumber, dayNumber, dayRange, gigabytes, percent, plural, signedGigabytes, UNKNOWN } from '../format.js';
import { html } from '../html.js';
import { useLoad } from '../load.js';
import { Bar } from '../parts/bar.js';
import { CycleBars } from '../parts/cycle-bars.js';
import { Field } from '../parts/field.js';
import { Loaded } from '../parts/state.js';
import { go, route } from '../route.js';
import { user } from '../session.js';
import { BillForm, TakeBack } from './cycle-bill.js';

const CYCLES = 12;
const NUMBERS = [12, 24, 60];

// today: the service's, which may be another than the browser's.
async function load(locationId, limit, signal) {
	const [all, overview] = await Promise.all([
		// One more, for the difference of the oldest that is shown.
		api.cycles({ location_id: locationId, limit: limit + 1 }, signal),
		api.overview(signal)]);
	const { start, days_elapsed: elapsed } = overview.cycle;
	const today = dayFromNumber(dayNumber(start) + elapsed - 1);

	const cycles = compareCycles(all, today).slice(0, limit);
	const wanted = billsWanted(cycles);
	const bills = wanted ? await api.bills({ location_id: locationId, ...wanted }, signal) : [];

	return { cycles, bills: sumBills(bills), today };
}

function Choice({ locations, query }) {
	const set = change => go('/cycles', { ...query, ...change });

	return html`<form class="filter" aria-label="Which cycles" onSubmit=${e => e.preventDefault()}>
		<${Field} id="cycles-location" label="Location">
			<select id="cycles-location" value=${query.location_id ?? ''} onChange=${e => set({ location_id: e.currentTarget.value })}>
				<option value="">All together</option>
				${locations.map(({ id, display_name: name }) => html`<option key=${id} value=${id}>${name}</option>`)}
			</select>
		<//>
		<${Field} id="cycles-number" label="How many">
			<select id="cycles-number" value=${query.limit ?? CYCLES} onChange=${e => set({ limit: e.currentTarget.value })}>
				${NUMBERS.map(number => html`<option key=${number} value=${number}>${number} cycles</option>`)}
			</select>
		<//>
	</form>`;
}

function changeInWords({ gb, percent: share }) {
	return share === null ? `${signedGigabytes(gb)} GB` : percent(share);
}

function Running({ cycle, today }) {
	const day = dayNumber(today) - dayNumber(cycle.start) + 1;

	return html`<section class="card wide" aria-labelledby="running">
		<h2 id="running" class="card-title">The running cycle, ${dayRange(cycle.start, cycle.end)}</h2>
		${cycle.end_gb === null ? html`<p>Day ${day} of ${cycle.days_in_cycle}. Too little is recorded yet to say how it will end.</p>` : html`
			<p class="figure">about ${gigabytes(cycle.end_gb)} <span class="unit">GB at its end</span></p>
			<p class="small">If it goes on as in the days that are known: ${gigabytes(cycle.total_gb)} GB so far, on day ${day} of ${cycle.days_in_cycle}.
				${cycle.change && ` That would be ${changeInWords(cycle.change)} against the cycle before.`}</p>`}
		<${Bar} share=${day / cycle.days_in_cycle} />
	</section>`;
}

function Coverage({ coverage: { present, expected }, single }) {
	const what = single ? 'days' : 'daily figures';

	if (expected === 0)
		return present ? plural(present, single ? 'day' : 'daily figure') : UNKNOWN;
	return `${count(present)} of ${count(expected)} ${what}`;
}

// A bill whose period is no cycle stands with the cycle in which it starts.
function OtherBill({ bill, single }) {
	return html`<div class="small">${gigabytes(bill.billed)} GB for ${dayRange(bill.start, bill.end)}
		${!single && `, ${plural(bill.count, 'location')}`}
		${single && may(user.value, 'editor') && html`${' '}<${TakeBack} bill=${bill} />`}</div>`;
}

function Bill({ cycle, bill, others, locationId, single, editing, onEdit, onDone }) {
	const mine = single && may(user.value, 'editor');
	// One bill alone can start on a day.
	const taken = others.some(({ start }) => start === cycle.start);

	if (editing)
		return html`<td data-label="Bill" colspan="2"><${BillForm} cycle=${cycle} bill=${bill} locationId=${locationId} onDone=${onDone} /></td>`;
	return html`
		<td class="number" data-label="Bill">${bill ? `${gigabytes(bill.billed)} GB` : UNKNOWN}
			${bill && !single && html` <span class="small">${plural(bill.count, 'location')}</span>`}
			${mine && !taken && html`${' '}<button type="button" class="plain" aria-label=${`${bill ? 'Correct' : 'Enter'} the bill of ${dayRange(cycle.start, cycle.end)}`}
				onClick=${onEdit}>${bill ? 'Correct' : 'Enter'}</button>`}
			${mine && bill && html`${' '}<${TakeBack} bill=${bill} />`}
			${others.map(other => html`<${OtherBill} key=${other.end} bill=${other} single=${single} />`)}</td>
		<td class="number" data-label="Bill against days">${bill && bill.difference !== null ? `${signedGigabytes(bill.difference)} GB` : UNKNOWN}</td>`;
}

function Row({ cycle, bill, others, locationId, single }) {
	const [editing, setEditing] = useState(false);

	return html`<tr>
		<th scope="row" data-label="Cycle">${dayRange(cycle.start, cycle.end)}${cycle.running && html` <span class="tag">running</span>`}
			${cycle.is_stub && html` <span class="tag">${plural(cycle.days_in_cycle, 'day')} only</span>`}</th>
		<td class="number" data-label="Used">${cycle.total_gb === null ? UNKNOWN : `${gigabytes(cycle.total_gb)} GB`}</td>
		<td data-label="Recorded"><${Coverage} coverage=${cycle.coverage} single=${single} /></td>
		<td class="number" data-label="Against before">${cycle.change ? `${cycle.running ? 'about ' : ''}${changeInWords(cycle.change)}` : UNKNOWN}</td>
		<${Bill} cycle=${cycle} bill=${bill} others=${others} locationId=${locationId} single=${single} editing=${editing}
			onEdit=${() => setEditing(true)} onDone=${() => setEditing(false)} />
	</tr>`;
}

function csvOf(cycles, bills) {
	return writeCsv([['Start', 'End', 'Gigabytes', 'Days in cycle', 'Recorded', 'Expected', 'Bill', 'Bill minus days'],
		...cycles.flatMap(cycle => {
			const bill = billOf(bills, cycle);

			return [[cycle.start, cycle.end, cycle.total_gb, cycle.days_in_cycle, cycle.coverage.present, cycle.coverage.expected,
				bill?.billed, bill?.difference],
			...otherBills(bills, cycle).map(other => [other.start, other.end, null, null, null, null, other.billed, other.difference])];
		})]);
}

function Table({ cycles, bills, locationId }) {
	const single = locationId !== undefined;

	return html`<section class="card full" aria-labelledby="cycles">
		<div class="card-head">
			<h2 id="cycles">${plural(cycles.length, 'billing cycle')}</h2>
			<button type="button" onClick=${() => download('cycles.csv', csvOf(cycles, bills))}>Download as CSV</button>
		</div>
		<${CycleBars} cycles=${cycles} billOf=${cycle => billOf(bills, cycle)} />
		<p class="small">A day without a record is unknown and counts for nothing, so a cycle with fewer records than days may have
			used more than it says. A bill stands beside what the days add up to and never takes its place.
			${!single && may(user.value, 'editor') && ' To enter a bill, choose its location.'}</p>
		<table class="stacking cycles">
			<thead><tr>
				<th scope="col">Cycle</th><th scope="col" class="number">Used</th><th scope="col">Recorded</th>
				<th scope="col" class="number">Against the one before</th><th scope="col" class="number">Bill</th>
				<th scope="col" class="number">Bill against days</th>
			</tr></thead>
			<tbody>${cycles.map(cycle => html`<${Row} key=${`${locationId} ${cycle.start}`} cycle=${cycle} bill=${billOf(bills, cycle)}
				others=${otherBills(bills, cycle)} locationId=${locationId} single=${single} />`)}</tbody>
		</table>
	</section>`;
}

export function Cycles() {
	const { query } = route.value;
	const locationId = Number(query.location_id) || undefined;
	const limit = NUMBERS.includes(Number(query.limit)) ? Number(query.limit) : CYCLES;
	const locations = useLoad(signal => api.locations(signal), []);
	const state = useLoad(signal => load(locationId, limit, signal), [locationId, limit]);
	const sorted = useMemo(() => [...locations.data ?? []].sort((a, b) =>
		a.display_name.localeCompare(b.display_name, undefined, { numeric: true })), [locations.data]);

	return html`
		<${Choice} locations=${sorted} query=${query} />
		<${Loaded} state=${state}>${({ cycles, bills, today }) => cycles.length === 0 ? html`<p>Nothing is recorded yet.</p>` : html`
			${cycles[0].running && html`<${Running} cycle=${cycles[0]} today=${today} />`}
			<${Table} cycles=${cycles} bills=${bills} locationId=${locationId} />`}<//>`;
}

// What each billing cycle came to.
import { api } from '../api.js';
import { lastCycles, sumCycles } from '../cycle.js';
import { count, dayRange, gigabytes } from '../format.js';
import { html } from '../html.js';
import { useLoad } from '../load.js';
import { Bar } from '../parts/bar.js';
import { Loaded } from '../parts/state.js';

const CYCLES = 12;
// Twelve cycles of 31 days and the day before the first.
const DAYS = 373;

async function load(signal) {
	const [overview, trends, locations] = await Promise.all([
		api.overview(signal), api.trends(DAYS, signal), api.locations(signal)]);

	const first = overview.date_range.start;
	// A cycle before the first record has nothing to say; the running one does.
	const cycles = lastCycles(overview.cycle, CYCLES).filter((cycle, i) => i === 0 || (first && cycle.end >= first));

	return {
		locations: locations.filter(location => location.is_active).length,
		cycles: sumCycles(cycles, trends),
	};
}

function Row({ cycle, most, current, locations }) {
	return html`<tr>
		<th scope="row" data-label="Cycle">${dayRange(cycle.start, cycle.end)}${current && html` <span class="tag">running</span>`}</th>
		<td class="number" data-label="Used">${cycle.present ? `${gigabytes(cycle.gigabytes)} GB` : 'no record'}</td>
		<td class="bar-cell"><${Bar} share=${most ? cycle.gigabytes / most : 0} /></td>
		<td class="number" data-label="Recorded">${count(cycle.present)}<span class="only-spoken"> daily figures</span>
			${locations > 0 && html` <span class="small">of ${count(locations * Math.min(cycle.elapsed, cycle.days))}</span>`}</td>
	</tr>`;
}

function Table({ cycles, locations }) {
	const most = Math.max(...cycles.map(cycle => cycle.gigabytes));

	return html`<section class="card full" aria-labelledby="cycles">
		<h2 id="cycles">The last billing cycles</h2>
		<p class="small">A day without a record is unknown and counts for nothing, so a cycle with few records may have
			used more than it says. The count is against the locations that are active now.</p>
		<table class="stacking">
			<thead><tr>
				<th scope="col">Cycle</th><th scope="col" class="number">Used</th>
				<th scope="col"><span class="only-spoken">Picture</span></th>
				<th scope="col" class="number">Daily figures recorded</th>
			</tr></thead>
			<tbody>${cycles.map((cycle, i) => html`<${Row} key=${cycle.start} cycle=${cycle} most=${most} current=${i === 0}
				locations=${locations} />`)}</tbody>
		</table>
	</section>`;
}

export function Cycles() {
	const state = useLoad(load, []);

	return html`<${Loaded} state=${state}>${data => html`<${Table} ...${data} />`}<//>`;
}

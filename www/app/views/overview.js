// How the billing cycle stands, where the data went, and the days behind it.
import { useMemo, useState } from 'preact/hooks';
import { may } from '../access.js';
import { api } from '../api.js';
import { count, dayRange, gigabytes, percent, plural } from '../format.js';
import { html } from '../html.js';
import { useLoad } from '../load.js';
import { Bar } from '../parts/bar.js';
import { Card } from '../parts/card.js';
import { Chart, ChartTable } from '../parts/chart.js';
import { Loaded } from '../parts/state.js';
import { go, href, route } from '../route.js';
import { chartLines, largest } from '../series.js';
import { user } from '../session.js';

const MONTH = 30;
const PERIODS = [MONTH, 90, 365];
const LARGEST = 10;

async function load(signal) {
	const [overview, month] = await Promise.all([api.overview(signal), api.trends(MONTH, signal)]);

	return { overview, month };
}

function FirstSteps() {
	if (!may(user.value, 'admin'))
		return html`<section class="card wide first-steps" aria-label="First steps">
			<h2>Nothing is recorded yet</h2>
			<p>${user.value.locations === null ? 'As soon as figures are entered, they show here.'
				: 'As soon as figures are entered for the locations that you may see, they show here.'}
				${may(user.value, 'editor') && html`${' '}<a href=${href('/days')}>Enter a day</a>, or <a href=${href('/import')}>import a file</a>.`}</p>
		</section>`;
	return html`<section class="card wide first-steps" aria-label="First steps">
		<h2>Nothing is recorded yet</h2>
		<p>Bring in a file that has the days as rows and one column for each location:</p>
		<p><a href=${href('/import')}>Import a file</a> here, with a look at what it would do; or on the server:</p>
		<pre><code>dum-import --config var/dum.conf usage.csv</code></pre>
		<p>The settings file is the one this service was started with. <code>dum-import --help</code> tells which
			dates and numbers it reads.</p>
		<p>Or enter it by hand: <a href=${href('/locations')}>add a location</a>, then <a href=${href('/days')}>its
			first day</a>.</p>
	</section>`;
}

function comparison(cycle) {
	if (cycle.previous_same_days_gb === null)
		return 'The cycle before has no records of these days to compare with.';
	const before = `${gigabytes(cycle.previous_same_days_gb)} GB in the same days of the cycle before`;

	return cycle.change_percent === null ? before : `${percent(cycle.change_percent)} against ${before}`;
}

function CycleCards({ overview }) {
	const { cycle } = overview;
	const { present, expected } = cycle.coverage;
	const left = cycle.days_in_cycle - cycle.days_elapsed;

	return html`
		<${Card} title="This billing cycle" value=${gigabytes(cycle.total_gb)} unit="GB" note=${comparison(cycle)} wide>
			<${Bar} share=${cycle.days_elapsed / cycle.days_in_cycle} />
			<p class="small">${dayRange(cycle.start, cycle.end)}: day ${cycle.days_elapsed} of ${cycle.days_in_cycle},
				${left === 0 ? ' the last one' : ` ${plural(left, 'day')} left`}</p>
		<//>
		<${Card} title="Recorded" value=${expected ? `${Math.floor(100 * present / expected)}` : '–'} unit=${expected ? '%' : ''}
			note=${`${count(present)} of ${count(expected)} daily figures that should be there by today`}>
			<${Bar} share=${expected ? present / expected : 0} kind="coverage" />
		<//>`;
}

function Cards({ overview }) {
	return html`<div class="cards">
		<${CycleCards} overview=${overview} />
		<${Card} title="Active locations" value=${count(overview.total_locations)} />
		<${Card} title="Last 7 days" value=${count(overview.recent_activity)}
			unit=${overview.recent_activity === 1 ? 'record' : 'records'} />
		<${Card} title="All records" value=${count(overview.total_records)}
			note=${dayRange(overview.date_range.start, overview.date_range.end)} />
	</div>`;
}

// A day without a record is unknown; so a total of fewer days says of how many.
function Largest({ trends }) {
	const locations = largest(trends, LARGEST);
	const most = locations[0]?.gigabytes ?? 0;

	return html`<section class="card wide" aria-labelledby="largest">
		<h2 id="largest">Largest in the last ${MONTH} days</h2>
		${locations.length === 0 ? html`<p>No location has a record in the last ${MONTH} days.</p>` : html`<ol class="largest">
			${locations.map(({ id, name, gigabytes: used, present, days }) => html`<li key=${id}>
				<span><span class="largest-name">${name}</span>
					${present < days && html` <span class="small">${count(present)} of ${count(days)} days known</span>`}</span>
				<span class="number">${gigabytes(used)} GB</span>
				<${Bar} share=${most ? used / most : 0} />
			</li>`)}
		</ol>`}
	</section>`;
}

function Trend({ trends, days }) {
	const lines = useMemo(() => chartLines(trends), [trends]);
	const [asTable, setAsTable] = useState(false);

	if (lines.length === 0)
		return html`<p>There are no records in the last ${days} days. Older ones are under
			${' '}<a href=${href('/days')}>Days</a>.</p>`;
	return html`
		<${Chart} dates=${trends.dates} lines=${lines} label=${`Gigabytes by day, last ${days} days`} />
		<details onToggle=${event => setAsTable(event.currentTarget.open)}>
			<summary>The same as a table</summary>
			${asTable && html`<${ChartTable} dates=${trends.dates} lines=${lines} />`}
		</details>`;
}

// month: what the overview has read already.
function TrendCard({ month }) {
	const wanted = Number(route.value.query.period);
	const days = PERIODS.includes(wanted) ? wanted : MONTH;
	const state = useLoad(signal => days === MONTH ? Promise.resolve(month) : api.trends(days, signal), [days, month]);

	return html`<section class="card full" aria-labelledby="trend">
		<div class="card-head">
			<h2 id="trend">Gigabytes by day</h2>
			<div class="choices" role="group" aria-label="Period">
				${PERIODS.map(period => html`<button type="button" key=${period} aria-pressed=${period === days ? 'true' : 'false'}
					onClick=${() => go('/', period === MONTH ? {} : { period })}>${period} days</button>`)}
			</div>
		</div>
		<${Loaded} state=${state} placeholder="Loading the chart">${trends => html`<${Trend} trends=${trends} days=${days} />`}<//>
	</section>`;
}

export function Overview() {
	const state = useLoad(load, []);

	return html`<${Loaded} state=${state}>${({ overview, month }) => overview.total_records === 0 ? html`<${FirstSteps} />` : html`
		<${Cards} overview=${overview} />
		<${TrendCard} month=${month} />
		<${Largest} trends=${month} />`}
	<//>`;
}

// Lines over days. The canvas says nothing to a screen reader and needs a
// mouse; so the chart takes arrow keys, speaks the day it stands on, and the
// view has the same figures as a table.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dayFromNumber, dayNumber, gigabytes, longDay, shortDay, UNKNOWN } from '../format.js';
import { html } from '../html.js';
import { theme } from '../theme.js';

const DAY_S = 86400;
const HEIGHT = 300;

function color(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axisDays(_, splits) {
	return splits.map(at => shortDay(dayFromNumber(Math.round(at / DAY_S))));
}

function axis(extra) {
	return {
		stroke: color('--text-soft'),
		grid: { stroke: color('--line'), width: 1 },
		ticks: { stroke: color('--line'), width: 1 },
		font: '12px system-ui, sans-serif',
		...extra,
	};
}

// Days between two unknown ones: no line reaches them, so they need a dot.
function alone(values) {
	return values.flatMap((value, i) =>
		value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : []);
}

function options(width, lines, onCursor) {
	return {
		width,
		height: HEIGHT,
		tzDate: at => uPlot.tzDate(new Date(at * 1000), 'UTC'),
		legend: { show: false },
		cursor: { drag: { x: false, y: false }, points: { size: 7 } },
		scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
		axes: [
			axis({ values: axisDays, space: 70, incrs: [1, 2, 7, 14, 30, 61, 91, 182, 365].map(d => d * DAY_S) }),
			axis({ size: 56, values: (_, splits) => splits.map(value => gigabytes(value).replace(/\.0+$/, '')) }),
		],
		series: [{}, ...lines.map((line, i) => ({
			label: line.name,
			show: !line.hidden,
			stroke: color(`--series-${i + 1}`),
			width: 2,
			dash: i === 5 ? [6, 4] : undefined,
			spanGaps: false,
			points: { size: 4, filter: (_, n, show) => show ? null : alone(line.values) },
		}))],
		hooks: { setCursor: [plot => onCursor(plot.cursor.idx)] },
	};
}

function Legend({ lines, hidden, onToggle }) {
	return html`<ul class="legend">
		${lines.map((line, i) => html`<li key=${line.id}>
			<button type="button" class="legend-entry" aria-pressed=${hidden.has(line.id) ? 'false' : 'true'}
				onClick=${() => onToggle(line.id)}>
				<span class=${`swatch series-${i + 1}`} aria-hidden="true"></span>${line.name}
			</button>
		</li>`)}
	</ul>`;
}

function Reading({ dates, lines, hidden, index }) {
	if (index === null || index === undefined)
		return html`<p class="reading small">Point at a day, or use the arrow keys.</p>`;
	return html`<p class="reading small"><strong>${longDay(dates[index])}</strong>
		${lines.filter(line => !hidden.has(line.id)).map(line => html`<span key=${line.id} class="reading-value">
			${line.name}: ${line.values[index] === null ? 'no record' : `${gigabytes(line.values[index])} GB`}
		</span>`)}
	</p>`;
}

export function Chart({ dates, lines, label }) {
	const box = useRef(null);
	const plot = useRef(null);
	const [hidden, setHidden] = useState(new Set());
	const [index, setIndex] = useState(null);
	const [spoken, setSpoken] = useState('');
	const days = useMemo(() => dates.map(day => dayNumber(day) * DAY_S), [dates]);

	useEffect(() => {
		const shown = lines.map(line => ({ ...line, hidden: hidden.has(line.id) }));
		const width = () => Math.max(240, box.current.clientWidth);

		plot.current = new uPlot(options(width(), shown, at => setIndex(at ?? null)),
			[days, ...lines.map(line => line.values)], box.current);
		const observer = new ResizeObserver(() => plot.current.setSize({ width: width(), height: HEIGHT }));

		observer.observe(box.current);
		return () => {
			observer.disconnect();
			plot.current.destroy();
		};
	}, [dates, lines, hidden, theme.value]);

	const toggle = id => setHidden(old => {
		const next = new Set(old);
		if (!next.delete(id))
			next.add(id);
		return next;
	});
	const step = event => {
		const to = { ArrowLeft: (index ?? dates.length) - 1, ArrowRight: (index ?? -1) + 1, Home: 0, End: dates.length - 1 }[event.key];

		if (to === undefined)
			return;
		event.preventDefault();
		const at = Math.max(0, Math.min(dates.length - 1, to));
		plot.current.setCursor({ left: plot.current.valToPos(days[at], 'x'), top: 10 });
		setIndex(at);
		setSpoken(`${longDay(dates[at])}. ${lines.filter(line => !hidden.has(line.id)).map(line =>
			`${line.name}: ${line.values[at] === null ? 'no record' : `${gigabytes(line.values[at])} gigabytes`}`).join('. ')}`);
	};

	return html`<div class="chart">
		<${Legend} lines=${lines} hidden=${hidden} onToggle=${toggle} />
		<div class="chart-box" ref=${box} tabindex="0" role="img" aria-label=${`${label}. Arrow keys read day by day.`}
			onKeyDown=${step}></div>
		<${Reading} dates=${dates} lines=${lines} hidden=${hidden} index=${index} />
		<p class="only-spoken" aria-live="polite">${spoken}</p>
	</div>`;
}

export function ChartTable({ dates, lines }) {
	return html`<div class="scroll"><table>
		<caption class="only-spoken">Gigabytes by day</caption>
		<thead><tr><th scope="col">Day</th>${lines.map(line => html`<th scope="col" class="number" key=${line.id}>${line.name}</th>`)}</tr></thead>
		<tbody>${dates.map((day, i) => html`<tr key=${day}>
			<th scope="row">${day}</th>
			${lines.map(line => html`<td class="number" key=${line.id}>${line.values[i] === null ? UNKNOWN : gigabytes(line.values[i])}</td>`)}
		</tr>`).reverse()}</tbody>
	</table></div>`;
}

// Cycles as bars, oldest first: what is recorded, what is still to be expected,
// and the bill as a mark. The table beside it says the same in words.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { gigabytes, shortDay } from '../format.js';
import { html } from '../html.js';

const share = (value, most) => `${most > 0 ? Math.min(100, 100 * value / most) : 0}%`;

function Bar({ cycle, bill, most }) {
	const total = cycle.total_gb ?? 0;
	const rest = cycle.running && cycle.end_gb !== null ? Math.max(0, cycle.end_gb - total) : 0;
	const short = cycle.coverage.present < cycle.coverage.expected;

	return html`<div class="cycle-bar">
		<span class="cycle-value">${gigabytes(cycle.total_gb)}${short && cycle.total_gb !== null && '*'}</span>
		<div class="cycle-column">
			<div class="cycle-rest" style=${{ height: share(rest, most) }}></div>
			<div class=${short ? 'cycle-fill short' : 'cycle-fill'} style=${{ height: share(total, most) }}></div>
			${bill && html`<div class="cycle-bill" style=${{ bottom: share(bill.billed, most) }}></div>`}
		</div>
		<span class="cycle-days">${shortDay(cycle.start)} –<br />${shortDay(cycle.end)}</span>
	</div>`;
}

export function CycleBars({ cycles, billOf }) {
	const box = useRef(null);
	const most = Math.max(...cycles.flatMap(cycle => [cycle.total_gb ?? 0, cycle.end_gb ?? 0, billOf(cycle)?.billed ?? 0]));
	const any = test => cycles.some(test);

	// The newest are what one came for.
	useLayoutEffect(() => { box.current.scrollLeft = box.current.scrollWidth; }, [cycles]);
	return html`<figure class="cycle-chart">
		<div class="cycle-bars" ref=${box} role="img" tabindex="0" aria-label=${`Gigabytes of ${cycles.length} billing cycles as bars. The table below has the same figures.`}>
			${[...cycles].reverse().map(cycle => html`<${Bar} key=${cycle.start} cycle=${cycle} bill=${billOf(cycle)} most=${most} />`)}
		</div>
		<figcaption class="small">Gigabytes in each cycle.
			${any(cycle => cycle.coverage.present < cycle.coverage.expected) && html`${' '}* Days are missing, so it may have been more.`}
			${any(cycle => cycle.running && cycle.end_gb !== null) && html`${' '}<span class="cycle-key cycle-rest"></span> still to be expected.`}
			${any(billOf) && html`${' '}<span class="cycle-key cycle-bill-key"></span> the bill.`}
		</figcaption>
	</figure>`;
}

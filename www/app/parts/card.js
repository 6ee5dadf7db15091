// One figure with its name and what it means.
import { html } from '../html.js';

export function Card({ title, value, unit, note, children, wide }) {
	return html`<section class=${wide ? 'card wide' : 'card'} aria-label=${title}>
		<h2 class="card-title">${title}</h2>
		${value !== undefined && html`<p class="figure">${value}${unit && html` <span class="unit">${unit}</span>`}</p>`}
		${note && html`<p class="small">${note}</p>`}
		${children}
	</section>`;
}

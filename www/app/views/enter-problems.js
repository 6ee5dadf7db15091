// What keeps typed days from being stored: cells that can not be read, and cells
// that somebody else changed meanwhile.
import { useEffect, useRef } from 'preact/hooks';
import { drafts, resetDrafts } from '../drafts.js';
import { count, exactGigabytes, plural } from '../format.js';
import { dropCells } from '../grid.js';
import { html } from '../html.js';

const TOLD = 10;

export function Wrong({ cells, nameOf, onGo }) {
	if (cells.length === 0)
		return null;
	return html`<section class="notice" aria-labelledby="wrong-cells">
		<h2 id="wrong-cells">${plural(cells.length, 'cell')} can not be saved</h2>
		<ul class="plain-list">${cells.slice(0, TOLD).map(({ key, text, error }) => html`<li key=${key}>
			<button type="button" class="plain" onClick=${() => onGo(key)}>${nameOf(key)}</button>: “${text}”. ${error}</li>`)}</ul>
		${cells.length > TOLD && html`<p class="small">And ${cells.length - TOLD} more.</p>`}
	</section>`;
}

const words = gb => gb === null ? 'unknown' : `${exactGigabytes(gb)} GB`;

export function Conflicts({ conflicts, nameOf, onDecide }) {
	const heading = useRef(null);
	const any = conflicts.length > 0;
	const theirs = keys => {
		resetDrafts(dropCells(drafts.value, keys));
		onDecide(keys);
	};
	const all = conflicts.map(({ key }) => key);

	useEffect(() => {
		if (any)
			heading.current.focus();
	}, [any]);
	if (!any)
		return null;
	return html`<section class="notice" aria-labelledby="conflicts">
		<h2 id="conflicts" tabindex="-1" ref=${heading}>Somebody else changed ${count(conflicts.length)} of these days</h2>
		<p>Nothing of yours is stored there yet. Decide for each day, then save again.</p>
		<table class="stacking">
			<thead><tr><th scope="col">Day</th><th scope="col" class="number">It was</th><th scope="col" class="number">It is now</th>
				<th scope="col" class="number">You typed</th><th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${conflicts.map(({ key, was, theirs: now, mine }) => html`<tr key=${key}>
				<th scope="row" data-label="Day">${nameOf(key)}</th>
				<td class="number" data-label="It was">${words(was)}</td>
				<td class="number" data-label="It is now">${words(now)}</td>
				<td class="number" data-label="You typed">${words(mine)}</td>
				<td class="actions">
					<button type="button" aria-label=${`Leave ${nameOf(key)} as it is now`} onClick=${() => theirs([key])}>Leave it</button>
					<button type="button" aria-label=${`Take mine for ${nameOf(key)}`} onClick=${() => onDecide([key])}>Take mine</button>
				</td>
			</tr>`)}</tbody>
		</table>
		${conflicts.length > 1 && html`<div class="buttons">
			<button type="button" onClick=${() => theirs(all)}>Leave all as they are</button>
			<button type="button" onClick=${() => onDecide(all)}>Take all of mine</button>
		</div>`}
	</section>`;
}

// Many days at once: dates down, locations across, one save for all.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { writeAmount } from '../amount.js';
import { api } from '../api.js';
import { writeCsv } from '../csv.js';
import { download } from '../download.js';
import { beginSave, drafts, setDrafts, undoDraft } from '../drafts.js';
import { addDays, browserToday, exactGigabytes, longDay, plural, UNKNOWN } from '../format.js';
import { CELLS_MAX, changesOf, keyOf, knownFrom, placeBlock, splitKey, typeCells } from '../grid.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Field } from '../parts/field.js';
import { Grid } from '../parts/grid.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { go, href, replace, route } from '../route.js';
import { saveDays } from '../save-days.js';
import { Conflicts, Wrong } from './enter-problems.js';
import { NoLocation } from './no-location.js';

const SPANS = [7, 14, 31];
const DAYS = 14;

// { dates, find } of the address: which days and locations are on the page.
function readQuery({ until, days, find = '' }) {
	const last = /^\d{4}-\d{2}-\d{2}$/.test(until ?? '') ? until : browserToday();
	const span = SPANS.includes(Number(days)) ? Number(days) : DAYS;

	return { last, span, find, dates: Array.from({ length: span }, (_, i) => addDays(last, i + 1 - span)) };
}

function Choice({ query, shown }) {
	const { last, span, find } = shown;
	const set = change => go('/enter', { ...query, ...change });
	const step = (days, text) => html`<a class="button" href=${href('/enter', { ...query, until: addDays(last, days) })}>${text}</a>`;

	return html`<form class="filter" aria-label="Which days and locations" onSubmit=${e => e.preventDefault()}>
		<${Field} id="enter-until" label="Until">
			<input id="enter-until" type="date" value=${last} onChange=${e => e.currentTarget.value && set({ until: e.currentTarget.value })} />
		<//>
		<${Field} id="enter-days" label="Days">
			<select id="enter-days" value=${span} onChange=${e => set({ days: e.currentTarget.value })}>
				${SPANS.map(days => html`<option key=${days} value=${days}>${days} days</option>`)}
			</select>
		<//>
		<${Field} id="enter-find" label="Locations with">
			<input id="enter-find" type="search" value=${find} placeholder="All"
				onInput=${e => replace('/enter', { ...query, find: e.currentTarget.value })} />
		<//>
		<div class="inline steps">${step(-span, 'Earlier')}${step(span, 'Later')}</div>
	</form>`;
}

function cellOf(record, draft) {
	if (!draft)
		return record ? { text: writeAmount(record.gb), shown: exactGigabytes(record.gb), kind: 'known' } : { text: '', shown: UNKNOWN, kind: 'unknown' };
	if (draft.error)
		return { text: draft.text, kind: 'wrong', error: draft.error };
	return draft.gb === null ? { text: '', shown: UNKNOWN, kind: 'cleared' }
		: { text: writeAmount(draft.gb), shown: exactGigabytes(draft.gb), kind: 'typed' };
}

// Nothing that the page scrolls to ends up below a bar that stays at its edge.
function useRoomFor(bar) {
	useLayoutEffect(() => {
		const { style } = document.documentElement;
		const observer = new ResizeObserver(() => { style.scrollPaddingBottom = `${bar.current.offsetHeight}px`; });

		observer.observe(bar.current);
		return () => {
			observer.disconnect();
			style.scrollPaddingBottom = '';
		};
	}, []);
}

// problem: why what was typed is not saved.
function SaveBar({ saveRef, busy, problem, onSave, onDiscard }) {
	const number = drafts.value.size;
	const bar = useRef(null);

	useRoomFor(bar);
	return html`<div ref=${bar} class=${number ? 'save-bar pending' : 'save-bar'}>
		<p role="status">${number ? `${plural(number, 'cell')} not saved` : 'Everything is saved.'}</p>
		<div class="buttons">
			<button type="button" disabled=${busy || !number} onClick=${onDiscard}>Discard</button>
			<button type="button" class="main" ref=${saveRef} disabled=${busy || !number} onClick=${onSave}>${busy ? 'Saving …' : 'Save'}</button>
		</div>
		${problem && html`<p class="field-error" role="alert">${problem}</p>`}
	</div>`;
}

function storedInWords({ stored, removed }) {
	return [stored && `${plural(stored, 'day')} stored`, removed && `${plural(removed, 'day')} deleted`].filter(Boolean).join(', ');
}

// The save, and what is left of it. reload() reads what is stored now; typed
// cells stay until it is there, so that no older figure shows in between.
function useSave(reload) {
	const [state, setState] = useState({ busy: false, problem: '', conflicts: [] });
	const set = change => setState(old => ({ ...old, ...change }));

	const save = async () => {
		if (changesOf(drafts.value).wrong.length) {
			set({ problem: 'Some cells can not be read. Correct them first; nothing was saved.' });
			return;
		}
		set({ busy: true, problem: '', conflicts: [] });
		try {
			const { sent, end } = beginSave();
			const result = await saveDays(sent);
			const done = storedInWords(result);

			await reload().catch(() => { changes.value++; });
			end(result.drafts);
			set({ busy: false, conflicts: result.conflicts, problem: result.error?.message ?? '' });
			if (done)
				tell(`${done}.`);
		} catch (error) {
			set({ busy: false, problem: error.message });
		}
	};
	const decide = keys => set({ conflicts: state.conflicts.filter(({ key }) => !keys.includes(key)) });

	return { ...state, save, decide, complain: problem => set({ problem }) };
}

function csvOf(dates, locations, known) {
	return writeCsv([['Date', ...locations.map(({ name }) => name)],
		...dates.map(date => [date, ...locations.map(({ id }) => known.get(keyOf(date, id))?.gb)])]);
}

function Table({ dates, locations, names, known, query, reload }) {
	const [at, setAt] = useState({ row: dates.length - 1, column: 0 });
	const saving = useSave(reload);
	const saveButton = useRef(null);
	const columns = useMemo(() => locations.map(({ id, display_name: title }) => ({ key: id, title })), [locations]);
	const rows = dates.map(date => ({ key: date, title: longDay(date) }));
	const keyAt = (row, column) => keyOf(dates[row], columns[column].key);
	const put = (cells, sign) => {
		const next = typeCells(drafts.value, known, cells, sign);

		if (next.size > CELLS_MAX)
			saving.complain(`Save first: ${CELLS_MAX} cells are the most at once.`);
		else
			setDrafts(next);
	};
	const paste = text => {
		const { cells, sign, refused } = placeBlock(text, at, dates, columns.map(({ key }) => key));

		if (refused) {
			saving.complain(refused);
			return;
		}
		put(cells, sign);
		const wrong = cells.filter(([key]) => drafts.value.get(key)?.error).length;
		saving.complain('');
		tell(`${plural(cells.length, 'cell')} pasted${wrong ? `; ${wrong} can not be read` : ''}.`);
	};
	const goTo = key => {
		const { date, locationId } = splitKey(key);
		const row = dates.indexOf(date), column = columns.findIndex(({ key: id }) => id === locationId);

		if (row < 0 || column < 0)
			go('/enter', { ...query, until: addDays(date, 3), find: '' });
		else
			setAt({ row, column, focus: true });
	};
	const nameOf = key => {
		const { date, locationId } = splitKey(key);

		return `${names.get(locationId) ?? `location ${locationId}`}, ${longDay(date)}`;
	};
	const cellAt = (row, column) => {
		const key = keyAt(row, column);

		return { ...cellOf(known.get(key), drafts.value.get(key)), name: nameOf(key) };
	};
	const { wrong } = changesOf(drafts.value);

	useEffect(() => setAt(old => ({ row: dates.length - 1, column: old.column })), [dates.length]);
	return html`
		<${Grid} label="Gigabytes by day and location" describedBy="enter-help" rows=${rows} columns=${columns} cellAt=${cellAt}
			at=${at} onMove=${setAt} onType=${(row, column, text) => put([[keyAt(row, column), text]])} onPaste=${paste}
			onUndo=${undoDraft} onLeave=${() => (saveButton.current.disabled ? document.getElementById('enter-until') : saveButton.current).focus()} />
		<${SaveBar} saveRef=${saveButton} busy=${saving.busy} problem=${saving.problem} onSave=${saving.save}
			onDiscard=${() => setDrafts(new Map())} />
		<${Wrong} cells=${wrong} nameOf=${nameOf} onGo=${goTo} />
		<${Conflicts} conflicts=${saving.conflicts} nameOf=${nameOf} onDecide=${saving.decide} />
		<button type="button" onClick=${() => download(`days-${dates[0]}-${dates[dates.length - 1]}.csv`, csvOf(dates, locations, known))}>
			Download these days as CSV</button>`;
}

const byName = (a, b) => a.display_name.localeCompare(b.display_name, undefined, { numeric: true });

export function Enter() {
	const { query } = route.value;
	const shown = readQuery(query);
	const { dates, find } = shown;
	const all = useLoad(signal => api.locations(signal), []);
	const range = { start_date: dates[0], end_date: dates[dates.length - 1] };
	const records = useLoad(signal => api.days(range, signal), [dates[0], dates.length]);
	const [fresh, setFresh] = useState(null);
	const reload = async () => setFresh({ instead: records.data, list: await api.days(range) });
	const list = fresh?.instead === records.data ? fresh?.list : records.data;
	const known = useMemo(() => knownFrom(list ?? []), [list]);
	const names = useMemo(() => new Map((all.data ?? []).map(({ id, display_name: name }) => [id, name])), [all.data]);
	const wanted = find.trim().toLowerCase();
	const locations = useMemo(() => (all.data ?? []).filter(({ name, display_name: display, is_active: active }) =>
		active && `${name} ${display}`.toLowerCase().includes(wanted)).sort(byName), [all.data, wanted]);

	if (all.data && !all.data.some(location => location.is_active))
		return html`<${NoLocation} />`;
	return html`<section class="card full enter" aria-label="Days">
		<p class="small" id="enter-help">Type a figure and go on with Enter, Tab or the arrow keys; paste a block from a spreadsheet.
			Escape takes back what you are typing, then leaves the table. Ctrl+Z takes back the last change. An empty cell is a day that
			nobody knows; 0 is a day without use.</p>
		<${Choice} query=${query} shown=${shown} />
		<${Loaded} state=${all}>${() => html`<${Loaded} state=${records}>${() => locations.length === 0
			? html`<p>No active location has that in its name.</p>`
			: html`<${Table} dates=${dates} locations=${locations} names=${names} known=${known} query=${query}
				reload=${reload} />`}<//>`}<//>
	</section>`;
}

// The table in which days are entered: dates down, locations across. What is
// known, what was typed over it, and what has to be stored. Pure: a change
// gives a new Map.
//
// known:  key -> { id, gb }, a record
// drafts: key -> { text, gb, error, was }, a cell that is not stored yet. gb is
//         null where the day is to be unknown; was is the record that was seen
//         when the cell was typed, null where there was none; its id is not
//         known where a save has just made it.
import { decimalSign, isBlank, readAmount, writeAmount } from './amount.js';
import { blockSize, parseBlock } from './block.js';

// What the server takes at once.
export const CELLS_MAX = 10000;

export const keyOf = (date, locationId) => `${date} ${locationId}`;

export function splitKey(key) {
	const [date, id] = key.split(' ');

	return { date, locationId: Number(id) };
}

export function knownFrom(records) {
	return new Map(records.map(({ id, date, location_id: location, usage_gb: gb }) => [keyOf(date, location), { id, gb }]));
}

const amountOf = record => record ? record.gb : null;

// Put texts into cells: [[key, text]]. A cell that says what is known already
// is no draft any more. sign: as readAmount() takes it.
export function typeCells(drafts, known, cells, sign) {
	const next = new Map(drafts);

	for (const [key, text] of cells) {
		const was = drafts.get(key)?.was ?? known.get(key) ?? null;
		const { gb, error } = readAmount(text, sign);

		if (!error && gb === amountOf(was))
			next.delete(key);
		else
			next.set(key, { text: text.trim(), gb, error, was });
	}
	return next;
}

// What a clipboard comes to at a cell: { cells, sign } for typeCells(), or
// { refused }, why none of it is taken. A blank cell of it leaves the day as it
// is: nobody deletes by a gap in a spreadsheet without meaning it.
export function placeBlock(text, at, dates, locationIds) {
	const rows = parseBlock(text);
	const size = blockSize(rows);
	const below = at.row + size.rows - dates.length;
	const beside = at.column + size.columns - locationIds.length;

	if (below > 0)
		return { refused: `The block has ${size.rows} rows; from here on there are ${dates.length - at.row}. Nothing was pasted.` };
	if (beside > 0)
		return { refused: `The block has ${size.columns} columns; from here on there are ${locationIds.length - at.column}. Nothing was pasted.` };
	const cells = rows
		.flatMap((row, r) => row.map((cell, c) => [keyOf(dates[at.row + r], locationIds[at.column + c]), cell]))
		.filter(([, cell]) => !isBlank(cell));

	if (cells.length > CELLS_MAX)
		return { refused: `The block has ${cells.length} cells; ${CELLS_MAX} are the most at once. Nothing was pasted.` };
	return { cells, sign: cells.length > 1 ? decimalSign(cells.map(([, cell]) => cell)) : undefined };
}

function byPlace(a, b) {
	return a.date.localeCompare(b.date) || a.locationId - b.locationId;
}

// What has to be stored, by date: put: those that get a figure, remove: records
// that go. wrong: cells that can not be read.
export function changesOf(drafts) {
	const all = [...drafts].map(([key, draft]) => ({ key, ...splitKey(key), ...draft })).sort(byPlace);
	const right = all.filter(({ error }) => !error);

	return {
		put: right.filter(({ gb }) => gb !== null),
		remove: right.filter(({ gb, was }) => gb === null && was),
		wrong: all.filter(({ error }) => error),
	};
}

// Cells that somebody else changed since they were seen, to another figure than
// the draft has: [{ key, mine, was, theirs }], each gigabytes or null.
export function conflictsOf(drafts, now) {
	return [...drafts]
		.filter(([, { error }]) => !error)
		.map(([key, { gb, was }]) => ({ key, mine: gb, was: amountOf(was), theirs: amountOf(now.get(key)) }))
		.filter(({ mine, was, theirs }) => theirs !== was && theirs !== mine);
}

// The drafts as of what is there now: stored ones go, the others have been seen
// beside it.
export function rebase(drafts, now) {
	const next = new Map();

	for (const [key, draft] of drafts) {
		const was = now.get(key) ?? null;

		if (draft.error)
			next.set(key, draft);
		else if (draft.gb !== amountOf(was))
			next.set(key, { ...draft, was });
	}
	return next;
}

export function dropCells(drafts, keys) {
	const next = new Map(drafts);

	for (const key of keys)
		next.delete(key);
	return next;
}

// What is to be kept after a save. sent: the drafts as they were sent, left: what
// is left of them, typed: all as they are now. A cell that was typed into
// meanwhile is as it was typed, seen beside what the save has stored; one that
// was typed back to what it had been would else become what was sent.
export function afterSave(sent, left, typed) {
	const next = new Map(left);

	for (const key of new Set([...sent.keys(), ...typed.keys()])) {
		const old = sent.get(key);
		const draft = typed.get(key);

		if (draft === old)
			continue;
		const stored = old && !left.has(key);
		const was = stored ? old.gb === null ? null : { gb: old.gb } : (left.get(key) ?? draft).was;
		const { text, gb, error } = draft ?? { text: old.was ? writeAmount(old.was.gb) : '', gb: amountOf(old.was) };

		if (!error && gb === amountOf(was))
			next.delete(key);
		else
			next.set(key, { text, gb, error, was });
	}
	return next;
}

// What the server says about items of an array ("/17/usage_gb"), at their cells.
export function markErrors(drafts, places, put) {
	const next = new Map(drafts);

	for (const { pointer, detail } of places) {
		const item = put[Number(/^\/(\d+)(\/|$)/.exec(pointer)?.[1])];

		if (item && next.has(item.key))
			next.set(item.key, { ...next.get(item.key), error: detail });
	}
	return next;
}

// Dates in runs, so that what lies far apart is not read as one long time:
// [{ start, end }]
export function runsOf(dates, distance, gapMost = 31) {
	const runs = [];

	for (const date of [...new Set(dates)].sort()) {
		const run = runs[runs.length - 1];

		if (run && distance(run.end, date) <= gapMost)
			run.end = date;
		else
			runs.push({ start: date, end: date });
	}
	return runs;
}

// Where a key leads in a table of that size; null: it is no such key.
export function move(at, event, { rows, columns, page = 7 }) {
	const { key, ctrlKey, metaKey, shiftKey } = event;
	const far = ctrlKey || metaKey;
	const row = n => ({ ...at, row: Math.max(0, Math.min(rows - 1, n)) });
	const column = n => ({ ...at, column: Math.max(0, Math.min(columns - 1, n)) });

	switch (key) {
	case 'ArrowUp': return row(far ? 0 : at.row - 1);
	case 'ArrowDown': return row(far ? rows - 1 : at.row + 1);
	case 'ArrowLeft': return column(far ? 0 : at.column - 1);
	case 'ArrowRight': return column(far ? columns - 1 : at.column + 1);
	case 'PageUp': return row(at.row - page);
	case 'PageDown': return row(at.row + page);
	case 'Home': return far ? { row: 0, column: 0 } : column(0);
	case 'End': return far ? { row: rows - 1, column: columns - 1 } : column(columns - 1);
	case 'Enter': return row(at.row + (shiftKey ? -1 : 1));
	case 'Tab': return tab(at, shiftKey, rows, columns);
	}
	return null;
}

// From the end of a row to the start of the next; null behind the last cell.
function tab({ row, column }, back, rows, columns) {
	const to = row * columns + column + (back ? -1 : 1);

	return to < 0 || to >= rows * columns ? null : { row: Math.floor(to / columns), column: to % columns };
}

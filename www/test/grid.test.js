import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlock } from '../app/block.js';
import { dayNumber } from '../app/format.js';
import { afterSave, CELLS_MAX, changesOf, conflictsOf, keyOf, knownFrom, markErrors, move, placeBlock, rebase, runsOf, typeCells } from '../app/grid.js';

const dates = ['2026-11-01', '2026-11-02', '2026-11-03'];
const ids = [7, 9];
const none = new Map();
const known = knownFrom([
	{ id: 1, date: '2026-11-01', location_id: 7, usage_gb: 5 },
	{ id: 2, date: '2026-11-02', location_id: 7, usage_gb: 0 }]);

test('a clipboard is cut into cells as spreadsheets write it', () => {
	assert.deepEqual(parseBlock('1\t2\n3\t4'), [['1', '2'], ['3', '4']]);
	assert.deepEqual(parseBlock('1\t2\r\n3\t\r\n'), [['1', '2'], ['3', '']]);
	assert.deepEqual(parseBlock('1\r2'), [['1'], ['2']]);
	assert.deepEqual(parseBlock('7'), [['7']]);
	assert.deepEqual(parseBlock(''), [['']]);
	assert.deepEqual(parseBlock('1\n\n2\n'), [['1'], [''], ['2']]);
	assert.deepEqual(parseBlock('"a\tb"\t"say ""x"""\t"two\nlines"\n'), [['a\tb', 'say "x"', 'two\nlines']]);
	assert.deepEqual(parseBlock('5"\t6'), [['5"', '6']]);
	assert.deepEqual(parseBlock('\t\t3'), [['', '', '3']]);
});

test('typing makes a draft; typing what is known takes it back', () => {
	const key = keyOf('2026-11-01', 7);
	const typed = typeCells(none, known, [[key, '6,5']]);

	assert.deepEqual(typed.get(key), { text: '6,5', gb: 6.5, error: undefined, was: { id: 1, gb: 5 } });
	assert.equal(none.size, 0);
	assert.equal(typeCells(typed, known, [[key, '5.0']]).size, 0);
	assert.equal(typeCells(none, known, [[keyOf('2026-11-03', 9), '']]).size, 0, 'unknown stays unknown');
	assert.equal(typeCells(none, known, [[keyOf('2026-11-03', 9), '0']]).size, 1, 'zero is something else');
	assert.equal(typeCells(none, known, [[keyOf('2026-11-02', 7), '']]).get('2026-11-02 7').gb, null);
});

test('what is to be stored, to be deleted and can not be read is told apart, by date', () => {
	const drafts = typeCells(none, known, [['2026-11-03 9', '1'], ['2026-11-02 7', ''], ['2026-11-01 9', '2'], ['2026-11-01 7', 'x']]);
	const { put, remove, wrong } = changesOf(drafts);

	assert.deepEqual(put.map(({ key, gb }) => [key, gb]), [['2026-11-01 9', 2], ['2026-11-03 9', 1]]);
	assert.deepEqual(remove.map(({ key, was }) => [key, was.id]), [['2026-11-02 7', 2]]);
	assert.deepEqual(wrong.map(({ key }) => key), ['2026-11-01 7']);
});

test('a block that does not fit is refused whole, and a blank in it changes nothing', () => {
	assert.match(placeBlock('1\n2\n3', { row: 1, column: 0 }, dates, ids).refused, /3 rows; from here on there are 2/);
	assert.match(placeBlock('1\t2', { row: 0, column: 1 }, dates, ids).refused, /2 columns; from here on there are 1/);
	assert.deepEqual(placeBlock('1\t\n–\t4', { row: 1, column: 0 }, dates, ids).cells, [['2026-11-02 7', '1'], ['2026-11-03 9', '4']]);
	const wide = Array.from({ length: CELLS_MAX + 1 }, (_, i) => i + 1);
	assert.match(placeBlock(wide.join('\t'), { row: 0, column: 0 }, dates, wide).refused, /10000 are the most/);
});

test('a change by somebody else is a conflict unless it says the same', () => {
	const drafts = typeCells(none, known, [['2026-11-01 7', '6'], ['2026-11-02 7', '3'], ['2026-11-03 7', '4'], ['2026-11-03 9', '9']]);
	const now = knownFrom([
		{ id: 1, date: '2026-11-01', location_id: 7, usage_gb: 8 },
		{ id: 2, date: '2026-11-02', location_id: 7, usage_gb: 3 },
		{ id: 5, date: '2026-11-03', location_id: 7, usage_gb: 1 }]);

	assert.deepEqual(conflictsOf(drafts, now), [
		{ key: '2026-11-01 7', mine: 6, was: 5, theirs: 8 },
		{ key: '2026-11-03 7', mine: 4, was: null, theirs: 1 }]);
	const left = rebase(drafts, now);
	assert.deepEqual([...left.keys()], ['2026-11-01 7', '2026-11-03 7', '2026-11-03 9']);
	assert.deepEqual(left.get('2026-11-01 7').was, { id: 1, gb: 8 });
	assert.deepEqual(conflictsOf(left, now), []);
});

test('a record that is gone is a conflict for who changes it, not for who deletes it', () => {
	const drafts = typeCells(none, known, [['2026-11-01 7', '6'], ['2026-11-02 7', '']]);

	assert.deepEqual(conflictsOf(drafts, none), [{ key: '2026-11-01 7', mine: 6, was: 5, theirs: null }]);
	assert.deepEqual([...rebase(drafts, none).keys()], ['2026-11-01 7']);
});

test('a pointer into the array leads to its cell', () => {
	const drafts = typeCells(none, known, [['2026-11-01 9', '1'], ['2026-11-03 7', '2']]);
	const marked = markErrors(drafts, [{ pointer: '/1/usage_gb', detail: 'Too much.' }, { pointer: '/9/date', detail: 'no' }, { pointer: '', detail: 'no' }],
		changesOf(drafts).put);

	assert.equal(marked.get('2026-11-03 7').error, 'Too much.');
	assert.equal(marked.get('2026-11-01 9').error, undefined);
	assert.equal(typeCells(marked, known, [['2026-11-03 7', '3']]).get('2026-11-03 7').error, undefined, 'typing anew clears it');
});

test('days that lie far apart are read in runs', () => {
	const distance = (a, b) => dayNumber(b) - dayNumber(a);

	assert.deepEqual(runsOf(['2026-11-03', '2020-01-01', '2026-11-01', '2026-11-01'], distance),
		[{ start: '2020-01-01', end: '2020-01-01' }, { start: '2026-11-01', end: '2026-11-03' }]);
	assert.deepEqual(runsOf([], distance), []);
});

test('keys stay within the table; the tab key leaves it at its ends', () => {
	const size = { rows: 3, columns: 2 };
	const press = (row, column, key, more = {}) => move({ row, column }, { key, ...more }, size);

	assert.deepEqual(press(0, 0, 'ArrowUp'), { row: 0, column: 0 });
	assert.deepEqual(press(2, 1, 'ArrowRight'), { row: 2, column: 1 });
	assert.deepEqual(press(1, 1, 'Tab'), { row: 2, column: 0 });
	assert.deepEqual(press(1, 0, 'Tab', { shiftKey: true }), { row: 0, column: 1 });
	assert.equal(press(2, 1, 'Tab'), null);
	assert.equal(press(0, 0, 'Tab', { shiftKey: true }), null);
	assert.deepEqual(press(0, 0, 'End', { ctrlKey: true }), { row: 2, column: 1 });
	assert.equal(press(0, 0, 'x'), null);
});

test('what is typed during a save is kept, beside what the save has stored', () => {
	const known = knownFrom([{ id: 1, date: '2026-01-01', location_id: 1, usage_gb: 3 }]);
	const a = keyOf('2026-01-01', 1), b = keyOf('2026-01-02', 1), c = keyOf('2026-01-03', 1), d = keyOf('2026-01-04', 1);
	const sent = typeCells(new Map(), known, [[a, '5'], [b, '6'], [d, '9']]);
	const left = new Map([[d, { ...sent.get(d), error: 'too much' }]]);
	const after = cells => afterSave(sent, left, typeCells(sent, known, cells));
	const seen = map => Object.fromEntries([...map].map(([key, { gb, was, error }]) => [key, [gb, was?.gb ?? null, error]]));

	// Nobody typed: what is left of the save is left.
	assert.deepEqual(afterSave(sent, left, sent), left);
	// Another figure for a stored cell, and a cell that was not sent.
	assert.deepEqual(seen(after([[a, '7'], [c, '8']])), { [a]: [7, 5, undefined], [c]: [8, null, undefined], [d]: [9, null, 'too much'] });
	// The same figure once more is stored already.
	assert.deepEqual(after([[a, '5']]), left);
	// Back to what it was, or to unknown: 5 and 6 are stored by now.
	assert.deepEqual(seen(after([[a, '3'], [b, '']])), { [a]: [3, 5, undefined], [b]: [null, 6, undefined], [d]: [9, null, 'too much'] });
	// What the server refused was corrected meanwhile.
	assert.deepEqual(seen(after([[d, '2']])), { [d]: [2, null, undefined] });
});

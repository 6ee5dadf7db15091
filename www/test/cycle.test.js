import assert from 'node:assert/strict';
import { test } from 'node:test';
import { billOf, billsWanted, compareCycles, expectedEnd, otherBills, sumBills } from '../app/cycle.js';

const cycle = (start, end, days, total, present, expected = days) =>
	({ start, end, days_in_cycle: days, is_stub: false, total_gb: total, coverage: { present, expected } });
const running = cycle('2026-11-13', '2026-12-12', 30, 110, 11, 12);

test('the end of the running cycle takes the mean for days that nobody knows', () => {
	assert.equal(expectedEnd(running, '2026-11-24'), 300);
	// Two locations, 24 daily figures by now.
	assert.equal(expectedEnd({ ...running, total_gb: 240, coverage: { present: 24, expected: 24 } }, '2026-11-24'), 600);
	assert.equal(expectedEnd({ ...running, total_gb: 0 }, '2026-11-24'), 0);
});

test('with too little behind it nothing is said about the end', () => {
	assert.equal(expectedEnd({ ...running, coverage: { present: 5, expected: 12 } }, '2026-11-24'), null);
	assert.equal(expectedEnd({ ...running, coverage: { present: 2, expected: 2 } }, '2026-11-14'), null);
	assert.equal(expectedEnd({ ...running, total_gb: null, coverage: { present: 0, expected: 12 } }, '2026-11-24'), null);
	assert.equal(expectedEnd({ ...running, coverage: { present: 0, expected: 0 } }, '2026-11-24'), null);
});

test('each cycle is held against the one before it, the running one by its end', () => {
	const [now, before, first] = compareCycles([running, cycle('2026-10-13', '2026-11-12', 31, 250, 31),
		cycle('2026-09-13', '2026-10-12', 30, 200, 30)], '2026-11-24');

	assert.equal(now.running, true);
	assert.equal(now.end_gb, 300);
	assert.deepEqual(now.change, { gb: 50, percent: 20 });
	assert.deepEqual(before.change, { gb: 50, percent: 25 });
	assert.equal(before.running, false);
	assert.equal(first.change, null);
});

test('cut short, unknown or hardly known cycles are not compared', () => {
	const whole = cycle('2026-09-13', '2026-10-12', 30, 200, 30);
	const change = (a, b) => compareCycles([a, b], '2026-12-24')[0].change;

	assert.equal(change({ ...cycle('2026-10-13', '2026-11-11', 30, 90, 30), is_stub: true }, whole), null);
	assert.equal(change(cycle('2026-10-13', '2026-11-12', 31, null, 0), whole), null);
	assert.equal(change(cycle('2026-10-13', '2026-11-12', 31, 100, 20), whole), null);
	assert.equal(change(cycle('2026-10-13', '2026-11-12', 31, 100, 31), cycle('2026-09-13', '2026-10-12', 30, 200, 20)), null);
	assert.deepEqual(change(cycle('2026-10-13', '2026-11-12', 31, 100, 31), { ...whole, total_gb: 0 }), { gb: 100, percent: null });
});

test('bills of a cycle add up, and stand against the days of the same locations', () => {
	const row = (start, end, manual, difference) => ({ id: 7, period_start: start, period_end: end, manual_gb: manual, difference_gb: difference });
	const sums = sumBills([row('2026-10-13', '2026-11-12', 100, 4), row('2026-10-13', '2026-11-12', 50, -1), row('2026-10-13', '2026-11-12', null, null),
		row('2026-09-13', '2026-10-12', 10, null)]);

	assert.deepEqual(billOf(sums, { start: '2026-10-13', end: '2026-11-12' }), { start: '2026-10-13', end: '2026-11-12', billed: 150, difference: 3, count: 2, id: 7 });
	assert.deepEqual(billOf(sums, { start: '2026-09-13', end: '2026-10-12' }), { start: '2026-09-13', end: '2026-10-12', billed: 10, difference: null, count: 1, id: 7 });
	assert.equal(billOf(sums, { start: '2026-10-13', end: '2026-10-31' }), null, 'of another period');
});

test('a bill whose days are no cycle stays with the cycle in which it starts', () => {
	const sums = sumBills([{ id: 4, period_start: '2026-10-13', period_end: '2026-11-12', manual_gb: 100, difference_gb: 4 }]);
	const cut = cycle('2026-10-13', '2026-10-31', 19, 90, 19), next = cycle('2026-11-01', '2026-11-30', 30, 90, 30);

	assert.equal(billOf(sums, cut), null);
	assert.deepEqual(otherBills(sums, cut).map(({ id, end }) => [id, end]), [[4, '2026-11-12']]);
	assert.deepEqual(otherBills(sums, next), []);
	assert.deepEqual(otherBills(sums, cycle('2026-10-13', '2026-11-12', 31, 90, 31)), [], 'it is that cycle\'s');
	assert.deepEqual(billsWanted([next, cut]), { start_date: '2026-10-13', end_date: '2026-11-30' });
	assert.equal(billsWanted([]), null);
});

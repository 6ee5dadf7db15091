import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cycleDayOf, daysIn, lastCycles, sumCycles } from '../app/cycle.js';
import { addDays } from '../app/format.js';

test('cycles before one follow each other without a gap, for each cycle day', () => {
	for (const [start, end] of [['2026-11-13', '2026-12-12'], ['2026-03-31', '2026-04-29'], ['2024-02-29', '2024-03-30'],
		['2026-02-28', '2026-03-27'], ['2026-01-01', '2026-01-31'], ['2026-02-28', '2026-03-29']]) {
		const cycles = lastCycles({ start, end }, 40);

		for (let i = 1; i < cycles.length; i++) {
			assert.equal(addDays(cycles[i].end, 1), cycles[i - 1].start);
			assert.ok(daysIn(cycles[i]) >= 28 && daysIn(cycles[i]) <= 31, `${cycles[i].start} ${daysIn(cycles[i])}`);
		}
	}
});

test('a start on the last day of a short month may stand for a later day', () => {
	assert.equal(cycleDayOf({ start: '2026-02-28', end: '2026-03-30' }), 31);
	assert.equal(cycleDayOf({ start: '2026-04-30', end: '2026-05-30' }), 31);
	assert.equal(cycleDayOf({ start: '2026-02-28', end: '2026-03-27' }), 28);
	assert.equal(cycleDayOf({ start: '2026-11-13', end: '2026-12-12' }), 13);
});

test('sums leave unknown days out and count what is there', () => {
	const trends = {
		dates: ['2026-11-12', '2026-11-13', '2026-11-14'],
		series: [{ bytes: [1e9, 2e9, null] }, { bytes: [null, 5e8, 0] }],
	};
	const [now, before] = sumCycles(lastCycles({ start: '2026-11-13', end: '2026-12-12' }, 2), trends);

	assert.equal(now.gigabytes, 2.5);
	assert.equal(now.present, 3);
	assert.equal(now.elapsed, 2);
	assert.equal(now.days, 30);
	assert.equal(before.gigabytes, 1);
	assert.equal(before.present, 1);
});

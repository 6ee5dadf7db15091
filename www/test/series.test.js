import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemToError } from '../app/problem.js';
import { chartLines, largest } from '../app/series.js';

const series = (id, ...bytes) => ({ location_id: id, display_name: `L${id}`, bytes });

test('the largest locations have a line each, the rest has one together', () => {
	const trends = { dates: ['a', 'b'], series: [1, 2, 3, 4, 5, 6, 7].map(n => series(n, n * 1e9, n === 1 ? null : 0)) };
	const lines = chartLines(trends);

	assert.deepEqual(lines.map(line => line.name), ['L7', 'L6', 'L5', 'L4', 'L3', '2 others']);
	assert.deepEqual(lines[5].values, [3, 0]);
});

test('one location more is shown by its name, not as an other', () => {
	const lines = chartLines({ dates: ['a'], series: [1, 2, 3, 4, 5, 6].map(n => series(n, n)) });

	assert.equal(lines.length, 6);
	assert.equal(lines[5].name, 'L1');
});

test('a day that no other location knows stays unknown', () => {
	const lines = chartLines({ dates: ['a', 'b'], series: [1, 2, 3, 4, 5, 6, 7, 8].map(n => series(n, n * 1e9, null)) });

	assert.equal(lines.at(-1).values[1], null);
});

test('the largest locations come with the number of days that are known', () => {
	const found = largest({ dates: ['a', 'b', 'c'], series: [series(1, 1e9, null, null), series(2, null, null, null),
		series(3, 2e9, 0, 5e8)] }, 2);

	assert.deepEqual(found.map(({ name, gigabytes, present, days }) => [name, gigabytes, present, days]),
		[['L3', 2.5, 3, 3], ['L1', 1, 1, 3]]);
});

test('an error of the server becomes a sentence with the fields at fault', () => {
	const error = problemToError(400, { detail: 'usage_gb must be a number', request_id: 'r1',
		errors: [{ pointer: '/usage_gb', detail: 'usage_gb must be a number' }] });

	assert.equal(error.message, 'Gigabytes must be a number.');
	assert.equal(error.fields.usage_gb, 'Gigabytes must be a number.');
	assert.equal(error.requestId, 'r1');
	assert.match(problemToError(502, null).message, /restarting/);
	assert.match(problemToError(418, null).message, /418/);
});

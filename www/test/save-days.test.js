// One save, with a server of ours behind it.
import { webcrypto } from 'node:crypto';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { knownFrom, typeCells } from '../app/grid.js';
import { saveDays } from '../app/save-days.js';

// Browsers have it; Debian 12's node has it only here.
globalThis.crypto ??= webcrypto;

const realFetch = globalThis.fetch;
let records, asked, lose;

// Records by id, tags that are their figures.
function serve(path, { method, headers, body }) {
	const id = Number(/daily-usage\/(\d+)/.exec(path)?.[1]);
	const record = records.find(one => one.id === id);
	const tag = record && `"${record.usage_gb}"`;

	if (method === 'GET' && !id)
		return Response.json(records);
	if (method === 'POST') {
		for (const { date, location_id: location, usage_gb: gb } of JSON.parse(body)) {
			if (gb > 10000)
				return Response.json({ status: 400, errors: [{ pointer: '/1/usage_gb', detail: 'usage_gb is too much' }] }, { status: 400 });
			const there = records.find(one => one.date === date && one.location_id === location);

			if (there)
				there.usage_gb = gb;
			else
				records.push({ id: records.length + 1, date, location_id: location, usage_gb: gb });
		}
		return Response.json({ created: 0, updated: 0, unchanged: 0 });
	}
	if (!record)
		return Response.json({ status: 404 }, { status: 404 });
	if (method === 'GET')
		return Response.json(record, { headers: { ETag: tag } });
	if (headers['If-Match'] !== tag)
		return Response.json({ status: 412 }, { status: 412 });
	if (method === 'PUT')
		record.usage_gb = JSON.parse(body).usage_gb;
	else
		records = records.filter(one => one !== record);
	return method === 'PUT' ? Response.json(record) : new Response(null, { status: 204 });
}

beforeEach(() => {
	records = [{ id: 1, date: '2026-11-01', location_id: 7, usage_gb: 5 }, { id: 2, date: '2026-11-02', location_id: 7, usage_gb: 6 }];
	asked = [];
	lose = () => false;
	globalThis.fetch = async (path, options) => {
		asked.push({ path, ...options });
		const answer = serve(path, options);

		if (lose(options))
			throw new TypeError('the line broke');
		return answer;
	};
});

afterEach(() => { globalThis.fetch = realFetch; });

const type = cells => typeCells(new Map(), knownFrom(records), cells);
const changing = () => asked.filter(({ method }) => method !== 'GET');
const figures = () => Object.fromEntries(records.map(({ date, location_id: location, usage_gb: gb }) => [`${date} ${location}`, gb]));

test('many figures go in one request, and emptied cells are deleted after it', async () => {
	const result = await saveDays(type([['2026-11-01 7', '8'], ['2026-11-03 9', '1'], ['2026-11-02 7', '']]));

	assert.deepEqual([result.stored, result.removed, result.drafts.size, result.error], [2, 1, 0, null]);
	assert.deepEqual(changing().map(({ method }) => method), ['POST', 'DELETE']);
	assert.deepEqual(figures(), { '2026-11-01 7': 8, '2026-11-03 9': 1 });
});

test('one figure over another goes with the tag of the record', async () => {
	await saveDays(type([['2026-11-01 7', '8']]));
	assert.equal(changing()[0].method, 'PUT');
	assert.equal(changing()[0].headers['If-Match'], '"5"');
});

test('a conflict stops the whole save and leaves both figures', async () => {
	const drafts = type([['2026-11-01 7', '8'], ['2026-11-03 9', '1']]);

	records[0].usage_gb = 6.5;
	const result = await saveDays(drafts);
	assert.deepEqual(result.conflicts, [{ key: '2026-11-01 7', mine: 8, was: 5, theirs: 6.5 }]);
	assert.deepEqual(changing(), []);
	assert.equal(result.drafts.size, 2);
	// Decided for ours: the next save has seen theirs.
	const again = await saveDays(result.drafts);
	assert.deepEqual([again.stored, again.conflicts], [2, []]);
	assert.equal(figures()['2026-11-01 7'], 8);
});

test('an answer that was lost is not sent twice with another key, nor told as a conflict', async () => {
	const drafts = type([['2026-11-01 7', '8'], ['2026-11-03 9', '1']]);

	lose = ({ method }) => method === 'POST';
	const first = await saveDays(drafts);
	assert.match(first.error.message, /can not be reached/);
	assert.equal(first.drafts.size, 2);
	lose = () => false;
	const second = await saveDays(first.drafts);
	assert.deepEqual([second.stored, second.drafts.size, second.conflicts], [2, 0, []]);
	assert.equal(changing().length, 1);
});

test('the same figures keep their key until it is known what became of them', async () => {
	const drafts = type([['2026-11-03 7', '8'], ['2026-11-03 9', '1']]);
	const before = [...records];

	lose = ({ method }) => method === 'POST';
	await saveDays(drafts);
	records = before; // it never arrived
	lose = () => false;
	await saveDays(drafts);
	records = before;
	await saveDays(drafts);
	const keys = changing().map(({ headers }) => headers['Idempotency-Key']);
	assert.equal(keys[0], keys[1]);
	assert.notEqual(keys[1], keys[2]);
});

test('what the server refuses stays in its cell with the reason', async () => {
	const { drafts, error, stored } = await saveDays(type([['2026-11-03 7', '8'], ['2026-11-03 9', '20000']]));

	assert.equal(error.status, 400);
	assert.equal(stored, 0);
	assert.equal(drafts.get('2026-11-03 9').error, 'Gigabytes is too much.');
	assert.equal(drafts.get('2026-11-03 7').error, undefined);
});

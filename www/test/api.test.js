// What goes to the server and what becomes of its answers, with a fetch of ours.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { api } from '../app/api.js';
import { problemToError } from '../app/problem.js';
import { begin, demandSecondFactor, end, lapsed, session, user } from '../app/session.js';

const alice = { id: 1, username: 'alice', role: 'admin', locations: null, totp: false, must_enrol: false };
const realFetch = globalThis.fetch;
let asked, answer;

beforeEach(() => {
	asked = [];
	answer = () => Response.json({});
	globalThis.fetch = async (path, options) => {
		asked.push({ path, ...options });
		return answer(path);
	};
	begin({ user: alice, csrf_token: 'c5f', expires_at: '2026-11-24T22:00:00Z' });
});

afterEach(() => {
	globalThis.fetch = realFetch;
	end();
});

function problem(status, members = {}, headers = {}) {
	return () => Response.json({ type: 'about:blank', status, detail: 'no', ...members }, { status, headers });
}

test('what changes something carries the token of the session, what reads does not', async () => {
	await api.putDay({ date: '2026-11-13' });
	await api.overview();
	assert.equal(asked[0].headers['X-CSRF-Token'], 'c5f');
	assert.equal(asked[1].headers['X-CSRF-Token'], undefined);
	end();
	await api.login({ username: 'a', password: 'b' });
	assert.equal(asked[2].headers['X-CSRF-Token'], undefined);
});

test('a 401 anywhere ends the session and remembers whose it was', async () => {
	answer = problem(401);
	await assert.rejects(api.putDay({}), /Your session has ended/);
	assert.equal(session.value, null);
	assert.equal(lapsed.value.username, 'alice');
	assert.equal(user.value.id, 1);
	begin({ user: alice, csrf_token: 'new', expires_at: '' });
	assert.equal(lapsed.value, null);
});

test('a wrong password that was asked for once more ends nothing', async () => {
	for (const status of [401, 403]) {
		answer = problem(status, { errors: [{ pointer: '/current_password', detail: 'current_password is wrong' }] });
		await assert.rejects(api.changePassword({}), error =>
			error.fields.current_password === 'The password you have now is wrong.');
		assert.equal(session.value.csrf_token, 'c5f');
	}
});

test('nobody logged in is an answer, not an error', async () => {
	answer = problem(401);
	assert.equal(await api.session(), null);
	answer = problem(503);
	await assert.rejects(api.session(), { status: 503 });
});

test('a log-in that lacks its code, and one that has to wait, can be told apart', async () => {
	end();
	answer = problem(401, { code_required: true });
	await assert.rejects(api.login({}), { codeRequired: true, status: 401 });
	answer = problem(401);
	await assert.rejects(api.login({}), { codeRequired: false, status: 401 });
	answer = problem(429, {}, { 'Retry-After': '65' });
	await assert.rejects(api.login({}), { retryAfter: 65, message: 'Too many attempts. Try again in 1 min 5 s.' });
});

test('a second factor that became compulsory is asked for', async () => {
	answer = problem(403, { type: '/problems/second-factor-required' });
	await assert.rejects(api.overview(), { status: 403 });
	assert.equal(user.value.must_enrol, true);
	end();
	demandSecondFactor();
	assert.equal(session.value, null);
});

test('filters that are empty are not sent', async () => {
	await api.audit({ kind: 'event', actor: '', before: undefined, op: null, limit: 50 });
	assert.equal(asked[0].path, '/api/audit?kind=event&limit=50');
});

test('an error inside a list is told beside the list, one of the query by its name', () => {
	const error = problemToError(400, { errors: [{ pointer: '/locations/2', detail: 'there is no location 9' },
		{ pointer: '/locations/3', detail: 'nor 10' }, { pointer: 'start_date', detail: 'start_date is no date' }] });

	assert.deepEqual(error.fields, { locations: 'There is no location 9.', start_date: '"From" is no date.' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actorInWords, differences, whatHappened } from '../app/audit.js';

const names = new Map([[3, 'Harbour']]);
const day = { id: 8, date: '2026-11-13', location_id: 3, usage_bytes: 5000000000 };

function change(table, op, before, after, pk = '8') {
	return { kind: 'change', table, op, pk, before, after };
}

test('who did it is told without codes', () => {
	assert.equal(actorInWords('user:alice'), 'alice');
	assert.equal(actorInWords('user:a:b'), 'a:b');
	assert.equal(actorInWords('key:ab12cd34'), 'key dum_ab12cd34…');
	assert.equal(actorInWords('local:root'), 'root, on the server itself');
	assert.equal(actorInWords('nobody'), 'somebody not logged in');
});

test('a corrected day names itself once and shows the figure before and after', () => {
	const entry = change('daily_usage', 'update', day, { ...day, usage_bytes: 7125000000 });

	assert.match(whatHappened(entry, names), /^changed the daily figure Harbour, .*2026/);
	assert.deepEqual(differences(entry, names), [{ title: 'Gigabytes', before: '5', after: '7.125' }]);
});

test('what was added or deleted shows what the sentence has not said', () => {
	assert.deepEqual(differences(change('daily_usage', 'insert', null, day), names), [{ title: 'Gigabytes', before: '', after: '5' }]);
	assert.deepEqual(differences(change('daily_usage', 'delete', day, null), names), [{ title: 'Gigabytes', before: '5', after: '' }]);
	assert.deepEqual(differences(change('locations', 'update', { id: 3, display_name: 'Harbour' }, { id: 3, display_name: 'Pier' })),
		[{ title: 'Name to show', before: 'Harbour', after: 'Pier' }]);
});

test('a change of a user is told by words for role, state and locations', () => {
	const entry = change('users', 'update', { username: 'vera', role: 'viewer', is_active: true, locations: [3] },
		{ username: 'vera', role: 'editor', is_active: false, locations: null });

	assert.equal(whatHappened(entry, names), 'changed the user vera');
	assert.deepEqual(differences(entry, names), [
		{ title: 'Role', before: 'Viewer', after: 'Editor' },
		{ title: 'Active', before: 'yes', after: 'no' },
		{ title: 'Locations', before: 'Harbour', after: 'all' },
	]);
});

test('a revoked key is said to be revoked, by its name or its number', () => {
	assert.equal(whatHappened(change('api_keys', 'update', { name: 'Router', revoked_at: null },
		{ name: 'Router', revoked_at: '2026-11-24T10:00:00Z' })), 'revoked the key Router');
	assert.equal(whatHappened(change('api_keys', 'update', { revoked_at: null }, { revoked_at: '2026-11-24T10:00:00Z' }, '5')),
		'revoked the key number 5');
});

test('an import is told by its number of days and figures, not by each', () => {
	const after = { days: [['2026-11-13', [[1, 1, 5], [2, 2, 6]]], ['2026-11-14', [[3, 1, 7]]]] };
	const entry = change('daily_usage', 'import', null, after, 'import:1');

	assert.equal(whatHappened(entry), 'imported 3 daily figures of 2 days');
	assert.equal(whatHappened({ ...entry, after: { day_count: 365, record_count: 999 } }), 'imported 999 daily figures of 365 days');
	assert.deepEqual(differences(entry), []);
});

test('what somebody did to the account of another names that one', () => {
	const event = (op, actor, after = null) => ({ kind: 'event', op, actor, table: 'event', pk: 'felix', before: null, after });

	assert.equal(whatHappened(event('totp_removed', 'user:felix')), 'removed the second factor');
	assert.equal(whatHappened(event('totp_removed', 'user:alice')), 'removed the second factor of felix');
	assert.equal(whatHappened(event('password_changed', 'local:root')), 'changed the password of felix');
	const asked = event('login_failed', 'user:felix', { reason: 'confirm' });
	assert.match(whatHappened(asked), /^gave a wrong password/);
	assert.deepEqual(differences(asked), []);
});

test('an event is a sentence, and one that the page does not know is still readable', () => {
	const event = (op, pk = null, after = null) => ({ kind: 'event', op, table: 'event', pk, before: null, after });

	assert.equal(whatHappened(event('login', 'alice')), 'logged in');
	assert.equal(whatHappened(event('login_failed', 'mallory')), 'failed to log in as mallory');
	assert.equal(whatHappened(event('something_new')), 'something new');
	assert.deepEqual(differences(event('login', 'alice', { username: 'alice' })), []);
	assert.deepEqual(differences(event('login_failed', 'mallory', { reason: 'code' })), [{ title: 'Why', before: '', after: 'wrong code' }]);
	assert.deepEqual(differences(event('export', null, { format: 'csv', rows: 12 })),
		[{ title: 'Format', before: '', after: 'csv' }, { title: 'Rows', before: '', after: '12' }]);
});

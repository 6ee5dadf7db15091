import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, whatHappened } from '../app/audit.js';
import { failureInWords, nameFault, newestProven, outcome, refusalInWords, restoredInWords, safety, stateInWords } from '../app/backups.js';
import { ago, fileSize } from '../app/format.js';

const NOW = Date.parse('2026-11-24T14:00:00Z');
const proven = at => ({ file: `data_usage_backup_${at}`, at, proven: true, state: 'proven' });

test('a name is letters, digits and hyphens, or none at all', () => {
	for (const good of ['', 'before-move', 'A1', 'x'.repeat(40)])
		assert.equal(nameFault(good), '', good);
	for (const bad of ['a b', 'a_b', '../x', '12', 'é', 'x'.repeat(41)])
		assert.notEqual(nameFault(bad), '', bad);
});

test('how safe the figures are is told by the newest proven backup', () => {
	const doubtful = { ...proven('2026-11-24T13:59:00Z'), proven: false, state: 'unproven' };
	const backups = [doubtful, proven('2026-11-24T11:00:00Z'), proven('2026-11-01T02:00:00Z')];

	assert.equal(newestProven(backups).at, '2026-11-24T11:00:00Z');
	assert.equal(newestProven([doubtful]), null);
	assert.deepEqual(safety(backups, NOW), { worry: false, text: 'Made 3 hours ago, read back, and found whole.' });
	assert.match(safety(backups.slice(2), NOW).text, /made 23 days ago/);
	for (const [list, words] of [[backups.slice(2), /no proven backup/], [[doubtful], /None .* proven/], [[], /no backup yet/]]) {
		assert.equal(safety(list, NOW).worry, true);
		assert.match(safety(list, NOW).text, words);
	}
	assert.deepEqual(['proven', 'unproven', 'damaged', 'missing'].map(state => stateInWords({ state })),
		['Proven', 'Not proven', 'Damaged', 'The file is gone']);
});

test('an age and a size are one number each', () => {
	const before = ms => ago(new Date(NOW - ms).toISOString(), NOW);

	assert.deepEqual([5000, 60000, 119 * 60000, 120 * 60000, 47.9 * 3600000, 48 * 3600000].map(before),
		['just now', '1 minute ago', '119 minutes ago', '2 hours ago', '47 hours ago', '2 days ago']);
	assert.deepEqual([null, 1, 999, 31245, 12500000, 1250000000].map(fileSize),
		['–', '1 byte', '999 bytes', '31\u202fkB', '12.5\u202fMB', '1.25\u202fGB']);
});

test('a failure is told in words, and by its message where there are none', () => {
	assert.match(failureInWords({ message: 'dum-verify (process 7) is at work', result: { reason: 'busy' } }), /^Another backup/);
	assert.match(failureInWords({ message: '', result: { reason: 'wrong_key' } }), /^It is encrypted/);
	assert.equal(failureInWords({ message: 'the program ended before the work was done', result: null }),
		'The program ended before the work was done.');
	assert.match(refusalInWords({ status: 503, message: 'The service is busy.' }), /^Another backup/);
	assert.equal(refusalInWords({ status: 409, message: 'It stays.' }), 'It stays.');
});

test('what came of a work is told, a line for each table that changed', () => {
	const file = 'data_usage_backup_20261124_140000.db.gz';

	assert.match(outcome({ kind: 'backup', result: { file } }), /was made, read back, and found whole/);
	assert.match(outcome({ kind: 'backup_verify', result: { file, proven: true } }), /can be restored/);
	assert.match(outcome({ kind: 'backup_verify', result: { file, proven: false } }), /nothing to hold it against/);
	assert.match(outcome({ kind: 'backup_restore', result: { file } }), /are those of data_usage/);
	assert.deepEqual(restoredInWords({ tables: {
		locations: { rows: 2, added: 0, removed: 0 },
		daily_usage: { rows: 9, added: 12, removed: 3 },
		imports: { rows: 1, added: 0, removed: 1 },
		monthly_summaries: { rows: 1, added: 1, removed: 0 },
	} }), ['12 daily figures put back, 3 taken out', '1 import taken out', '1 monthly total put back']);
});

test('the audit trail names the backup that left, went or came back', () => {
	const event = (op, pk) => whatHappened({ kind: 'event', op, pk, table: 'event' });
	const restore = { kind: 'change', op: 'restore', table: 'database', pk: null,
		before: { timeline: 1, safety_backup: 'safe.db' }, after: { timeline: 2, backup: 'b.db.gz', whole: false, tables: {} } };

	assert.equal(event('download', 'b.db.gz'), 'downloaded the backup b.db.gz');
	assert.equal(event('backup_deleted', 'b.db.gz'), 'deleted the backup b.db.gz');
	assert.equal(whatHappened(restore), 'brought back the data of b.db.gz');
	assert.deepEqual(differences(restore), [{ title: 'Kept from before', before: 'safe.db', after: '' }]);
	assert.deepEqual(differences({ kind: 'event', pk: 'b.db.gz', before: null, after: { bytes: 31245 } }),
		[{ title: 'Size', before: '', after: '31\u202fkB' }]);
});

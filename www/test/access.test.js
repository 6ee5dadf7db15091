import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleFor, locationsInWords, may, roleTitle } from '../app/access.js';
import { agentInWords } from '../app/agent.js';

test('each role may do what those before it may, and nobody may do anything', () => {
	const allowed = role => ['viewer', 'editor', 'admin'].map(needed => may({ role }, needed));

	assert.deepEqual(allowed('viewer'), [true, false, false]);
	assert.deepEqual(allowed('editor'), [true, true, false]);
	assert.deepEqual(allowed('admin'), [true, true, true]);
	assert.deepEqual(['viewer', 'admin'].map(needed => may(null, needed)), [false, false]);
	assert.equal(may({ role: 'unheard of' }, 'viewer'), false);
});

test('a limit is told by names, and by a number where there are many', () => {
	const known = new Map([[1, 'Harbour'], [2, 'Pier'], [3, 'Office'], [4, 'Depot']]);

	assert.equal(locationsInWords(null, known), 'All locations');
	assert.equal(locationsInWords([], known), 'No location');
	assert.equal(locationsInWords([1, 2, 3], known), 'Harbour, Pier, Office');
	assert.equal(locationsInWords([1, 2, 3, 4], known), 'Harbour, Pier and 2 others');
	assert.equal(locationsInWords([9], known), 'location 9');
	assert.equal(roleTitle('admin'), 'Administrator');
});

test('the example of a key asks for what the key may do, and does not hold the key', () => {
	assert.match(exampleFor(['read', 'write'], 'https://h'), /^curl -H @key\.txt https:\/\/h\/api\/data\/locations$/);
	assert.match(exampleFor(['write'], 'https://h'), /--json '\{"date"/);
	assert.match(exampleFor(['backup'], 'https://h'), /\/api\/system\/backups$/);
	assert.match(exampleFor(['metrics'], 'https://h'), /\/health$/);
});

test('a browser is told by the name that people know it by', () => {
	const linux = '(X11; Linux x86_64)';

	assert.equal(agentInWords(`Mozilla/5.0 ${linux} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36`), 'Chrome on Linux');
	assert.equal(agentInWords('Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0'), 'Edge on Windows');
	assert.equal(agentInWords('Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1'), 'Safari on iOS');
	assert.equal(agentInWords('Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0'), 'Firefox on Android');
	assert.equal(agentInWords('curl/7.88.1'), 'curl');
	assert.equal(agentInWords(''), 'Unknown program');
	assert.equal(agentInWords('x'.repeat(500)).length, 40);
});

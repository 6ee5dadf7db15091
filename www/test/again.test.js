import assert from 'node:assert/strict';
import test from 'node:test';
import { askAgain } from '../app/again.js';

// Refuses so many times, then answers.
function server(refusals, failure) {
	const seen = { asked: 0, slept: [], told: 0 };

	return {
		seen,
		request: async () => {
			seen.asked++;
			if (seen.asked <= refusals)
				throw Object.assign(new Error('busy'), failure);
			return 'in';
		},
		ways: {
			busy: () => { seen.told++; },
			sleep: async seconds => { seen.slept.push(seconds); },
			random: () => 0.5,
		},
	};
}

test('who is refused for a moment is let in without asking anew', async () => {
	const { seen, request, ways } = server(2, { status: 503, retryAfter: 1 });

	assert.equal(await askAgain(request, ways), 'in');
	assert.deepEqual(seen, { asked: 3, slept: [1.5, 1.5], told: 2 });
});

test('it is tried five times, and none waits for long', async () => {
	const { seen, request, ways } = server(99, { status: 503, retryAfter: 60 });

	await assert.rejects(askAgain(request, ways), /busy/);
	assert.deepEqual(seen, { asked: 5, slept: [5.5, 5.5, 5.5, 5.5], told: 4 });
});

test('a wrong password, a delay and a service that is down are told at once', async () => {
	for (const failure of [{ status: 401 }, { status: 429, retryAfter: 2 }, { status: 503, retryAfter: 0 }]) {
		const { seen, request, ways } = server(1, failure);

		await assert.rejects(askAgain(request, ways), /busy/);
		assert.equal(seen.asked, 1);
	}
});

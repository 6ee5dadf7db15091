import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePassword } from '../app/password.js';

test('the length is told while it is typed, in characters as a person counts them', () => {
	assert.match(judgePassword('').length, /At least 12/);
	assert.equal(judgePassword('abc').length, '9 more characters needed.');
	assert.equal(judgePassword('abcdefghijk').length, '1 more character needed.');
	assert.equal(judgePassword('😀'.repeat(11)).fits, false);
	assert.equal(judgePassword('😀'.repeat(12)).fits, true);
	assert.equal(judgePassword('x'.repeat(128)).fits, true);
	assert.equal(judgePassword('x'.repeat(130)).length, 'Too long by 2: at most 128 characters.');
});

test('runs and repetitions are easy to guess, several words are not', () => {
	for (const weak of ['aaaaaaaaaaaa', 'abcdefghijkl', '123456789012', 'qwertyuiopas', 'abababababab'])
		assert.match(judgePassword(weak).strength, /^Easy to guess/, weak);
	for (const strong of ['correct horse battery staple', 'vK9#tQ2!mZ7@pL4&xR'])
		assert.match(judgePassword(strong).strength, /^(Good|Strong)/, strong);
});

test('a password made of the user name does not fit', () => {
	assert.equal(judgePassword('alice.harbour1', 'alice.harbour').fits, false);
	assert.equal(judgePassword('ALICE.harbour1', ' alice.harbour ').fits, false);
	assert.equal(judgePassword('river stone under alice', 'alice').fits, true);
	// Two letters stand in many words.
	assert.equal(judgePassword('aloud along alone', 'al').fits, true);
});

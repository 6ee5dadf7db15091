import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalSign, readAmount, writeAmount } from '../app/amount.js';

test('figures are read with a comma or a point, with and without groups and unit', () => {
	for (const [text, gb] of [['12.5', 12.5], ['12,5', 12.5], ['0', 0], ['0,125', 0.125], [' 7 ', 7], ['1 234,5', 1234.5], ['1\u202f234.5', 1234.5],
		['1,234.5', 1234.5], ['1.234,5', 1234.5], ['1.234.567', 1234567], ['1,234,567', 1234567], ['3 GB', 3], ['3,5gb', 3.5], ['1.234', 1.234], ['007', 7], ['.5', 0.5], [',125', 0.125]])
		assert.deepEqual(readAmount(text), { gb }, text);
});

test('what is no figure is refused, not guessed at', () => {
	for (const text of ['abc', '-1', '\u22121', '1.2.3', '1,2,3', '1.', '.', ',', '-.5', '.5.5', '.5,5', '1e5', '0x10', '1.234,5,6', '12.34,5', '1.23.456', 'NaN', 'Infinity', '-', '=1+1', '5%', '1 TB'])
		assert.ok(readAmount(text).error, text);
	assert.match(readAmount('-1').error, /Less than zero/);
});

test('an empty cell and the dash that the page writes are unknown, a zero is not', () => {
	for (const text of ['', '  ', '\u00a0', '–'])
		assert.deepEqual(readAmount(text), { gb: null });
	assert.deepEqual(readAmount('0'), { gb: 0 });
});

test('a block tells its decimal sign by what can be read in one way only', () => {
	assert.equal(decimalSign(['1,234', '12,5']), ',');
	assert.equal(decimalSign(['1,234', '12.5']), '.');
	assert.equal(decimalSign(['1.234,5', '7']), ',');
	assert.equal(decimalSign(['0,125', '1,234']), ',');
	assert.equal(decimalSign(['1,234,567', '1,234']), '.');
	assert.equal(decimalSign(['1,234', '5,678', '9']), null);
	assert.equal(decimalSign(['12,5', '12.5']), null);
	assert.equal(decimalSign(['a,b', '', '7']), null);
});

test('of a block that does not tell, what can be read in two ways is refused', () => {
	assert.deepEqual(readAmount('1,234', ','), { gb: 1.234 });
	assert.deepEqual(readAmount('1,234', '.'), { gb: 1234 });
	assert.match(readAmount('1,234', null).error, /1\.234 or 1234/);
	assert.match(readAmount('12.345', null).error, /12\.345 or 12345/);
	assert.deepEqual(readAmount('12,5', null), { gb: 12.5 });
	assert.deepEqual(readAmount('1234', null), { gb: 1234 });
	assert.ok(readAmount('12.5', ',').error);
});

test('what is written to be typed again is read as the same', () => {
	for (const gb of [0, 1, 0.1, 12.345678901, 0.000000001, 1e-7, 9999.999999999, 1000000])
		assert.deepEqual(readAmount(writeAmount(gb)), { gb });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsv } from '../app/csv.js';

const cell = value => writeCsv([[value]]).slice(0, -1);

// Those of test/unit/test_csv_guard.c, where each is read back.
const NAMES = [
	['North', 'North'],
	['=1+2', '\'=1+2'],
	['+1', '\'+1'],
	['-1', '\'-1'],
	['@x', '\'@x'],
	['\'=x', '\'\'=x'],
	['\'tis', '\'tis'],
	['a=b', 'a=b'],
	['a,b', '"a,b"'],
	['=a"b', '"\'=a""b"'],
	['\uff1d1', '\'\uff1d1'],
	['\u00a0x', '\'\u00a0x'],
	['x\u00a0', 'x\u00a0\''],
	['\u202f', '\'\u202f\''],
];

test('names are written by the rule that the import takes back', () => {
	for (const [name, written] of NAMES)
		assert.equal(cell(name), written, JSON.stringify(name));
	assert.equal(cell('x\u202f\'\''), 'x\u202f\'\'\'', 'apostrophes behind the blank count with it');
});

test('figures have all their decimals and no exponent, the unknown is empty', () => {
	assert.equal(writeCsv([[0.000000001, 5e-7, 12.5, -2, 0], [null, undefined, 1000000]]),
		'0.000000001,0.0000005,12.5,-2,0\n,,1000000\n');
});

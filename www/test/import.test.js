import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsv } from '../app/csv.js';
import { complaintInWords, countsInWords, parametersOf, placeOf, refusal, remarks, sortChanges, STANDARD } from '../app/import.js';

test('what is not chosen is not asked for, so that the server finds it out', () => {
	const asked = Object.fromEntries(Object.entries(parametersOf(STANDARD, 'a.csv', true)).filter(([, value]) => value !== '' && value !== undefined));

	assert.deepEqual(asked, { empty: 'skip', unit: 'GB', filename: 'a.csv', dry_run: true });
	assert.equal(parametersOf({ ...STANDARD, skip_rejected: true }, 'a', false).skip_rejected, true);
	assert.equal(parametersOf({ ...STANDARD, year: '2020' }, 'a', false).year, '', 'only with dates that lack it');
	assert.equal(parametersOf({ ...STANDARD, year: '2020', date_format: 'dd-mmm' }, 'a', false).year, '2020');
	assert.equal(parametersOf(STANDARD, 'ä'.repeat(300), false).filename.length, 200);
});

test('a file that can not be taken is refused before it is sent', () => {
	assert.equal(refusal({ size: 10 }), '');
	assert.match(refusal({ size: 0 }), /empty/);
	assert.match(refusal({ size: 65 * 1024 * 1024 }), /64 MiB/);
});

test('a report is told in words', () => {
	const report = { new: 1200, changed: 1, same: 0, empty: 3, skipped: 1, rejected: 0, locations_created: 2 };

	assert.equal(countsInWords(report), '1\u202f200 new, 1 changed, 0 as they are');
	assert.deepEqual(remarks({ ...report, locations_inactive: 1 })[1], '1 location is not active and in no list until activated.');
	assert.deepEqual(remarks(report), ['2 new locations.', '3 empty cells.', '1 cell is no number and passed over.']);
	assert.equal(placeOf({ line: 1234, column: 2 }), 'Line 1\u202f234, column 2');
	assert.equal(placeOf({ line: 4, column: null }), 'Line 4');
	assert.equal(placeOf({ line: null, column: null }), '');
	assert.deepEqual(sortChanges([{ before_gb: null }, { before_gb: 0 }]), [{ before_gb: 0 }, { before_gb: null }]);
});

test('what a choice would mend names that choice of the page', () => {
	assert.equal(complaintInWords({ text: 'the day 2027-01-01 is later than tomorrow', option: 'allow_future' }),
		'the day 2027-01-01 is later than tomorrow. Such days are taken if “More options” says so.');
	assert.match(complaintInWords({ text: '1/2/2026 may be either', option: 'date_format' }), /either\. Say under “Dates”/);
	assert.equal(complaintInWords({ text: 'no date' }), 'no date');
});

test('a table becomes a file in which no name runs as a formula', () => {
	assert.equal(writeCsv([['Date', '=cmd', '+1', '-a', '@x', "'=b", 'a,b', 'say "x"', "it's"], ['2026-11-13', 12.5, null, undefined, 0, -1, 'ü', '', ' ']]),
		'Date,\'=cmd,\'+1,\'-a,\'@x,\'\'=b,"a,b","say ""x""",it\'s\n2026-11-13,12.5,,,0,-1,ü,, \n');
});

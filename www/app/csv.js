// A table as a file for spreadsheets, in the form that dum-import takes back:
// the rule of lib/calc/csv_guard.h, held against the same names by its test.
// Pure.
import { writeAmount } from './amount.js';

// What a spreadsheet would run as a formula gets an apostrophe before it, and a
// blank that the import would cut off one outside it; the import takes them off
// again. Those that were there before count with it.
const FRONT = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20\u00a0\u202f]/;
const BACK = /[\u00a0\u202f]'*$/;

function cell(value) {
	if (value === null || value === undefined)
		return '';
	if (typeof value === 'number')
		return writeAmount(value);
	const text = `${FRONT.test(value) ? '\'' : ''}${value}${BACK.test(value) ? '\'' : ''}`;

	return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function writeCsv(rows) {
	return rows.map(row => `${row.map(cell).join(',')}\n`).join('');
}

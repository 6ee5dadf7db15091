// A table as a file for spreadsheets, in the form that dum-import takes back.
// Pure.

// What a spreadsheet would run as a formula gets an apostrophe before it, which
// the import takes off again; one that was there before counts with it.
const FORMULA = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function cell(value) {
	if (value === null || value === undefined)
		return '';
	if (typeof value === 'number')
		return String(value);
	const text = FORMULA.test(value) ? `'${value}` : value;

	return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function writeCsv(rows) {
	return rows.map(row => `${row.map(cell).join(',')}\n`).join('');
}

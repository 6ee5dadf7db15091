// A block of cells as spreadsheets put it on the clipboard: tabs between cells,
// a line for each row, quotes around a cell that has a tab, a line end or a
// quote in it. Pure.

// More than one cell?
export const isBlock = text => /[\t\n]/.test(text.trim());

export function parseBlock(text) {
	const rows = [[]];
	let cell = '', quoted = false, started = false;
	const endCell = () => {
		rows[rows.length - 1].push(cell);
		cell = '';
		started = false;
	};

	for (let i = 0; i < text.length; i++) {
		const c = text[i];

		if (quoted) {
			if (c !== '"')
				cell += c;
			else if (text[i + 1] === '"')
				cell += text[i++];
			else
				quoted = false;
		} else if (c === '"' && !started) {
			quoted = started = true;
		} else if (c === '\t') {
			endCell();
		} else if (c === '\n' || c === '\r') {
			endCell();
			if (c === '\r' && text[i + 1] === '\n')
				i++;
			rows.push([]);
		} else {
			cell += c;
			started = true;
		}
	}
	endCell();
	// The last line has an end, too; it starts no row.
	const last = rows[rows.length - 1];
	if (rows.length > 1 && last.length === 1 && last[0] === '')
		rows.pop();
	return rows;
}

export function blockSize(rows) {
	return { rows: rows.length, columns: Math.max(...rows.map(row => row.length)) };
}

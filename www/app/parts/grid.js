// A table of cells like a spreadsheet's: one cell has the focus, keys move it,
// typing opens it. Only the columns in sight are on the page, so that a
// thousand locations cost no more than ten.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isBlock } from '../block.js';
import { move } from '../grid.js';
import { html } from '../html.js';
import { GridCell } from './grid-cell.js';

const HEAD_REM = 7.25;
const COLUMN_REM = 8;
const AHEAD = 3; // columns beside those in sight

const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

// [first, last] of the columns in sight.
function inSight(box, columns) {
	const width = COLUMN_REM * rem();
	const first = Math.floor(box.scrollLeft / width) - AHEAD;
	const last = Math.ceil((box.scrollLeft + box.clientWidth - HEAD_REM * rem()) / width) + AHEAD;

	return [Math.max(0, first), Math.min(columns - 1, last)];
}

function useSight(box, columns) {
	const [sight, setSight] = useState([0, Math.min(columns - 1, 15)]);
	const look = () => setSight(old => {
		const next = inSight(box.current, columns);

		return old[0] === next[0] && old[1] === next[1] ? old : next;
	});

	useLayoutEffect(() => {
		const observer = new ResizeObserver(look);

		look();
		observer.observe(box.current);
		return () => observer.disconnect();
	}, [columns]);
	return [sight, look];
}

// Scrolls the table and the page. What lies over their edges, the heads and the
// bar to save by, is left out by the margins and paddings of the style sheet.
function reveal(box) {
	box.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

// rows, columns: [{ key, title }]. cellAt(row, column): { text, kind, error,
// name }. at: the cell with the focus; onMove(at) asks for another. onType(row,
// column, text) puts a text into a cell, onPaste(text), onUndo(), onLeave().
export function Grid({ label, describedBy, rows, columns, cellAt, at, onMove, onType, onPaste, onUndo, onLeave }) {
	const box = useRef(null);
	const [open, setOpen] = useState(null); // { key, text } of the cell that is edited
	const [sight, look] = useSight(box, columns.length);
	const wantsFocus = useRef(false);
	const pressed = useRef(false);
	const active = { row: Math.min(at.row, rows.length - 1), column: Math.min(at.column, columns.length - 1) };
	const shown = [];

	for (let column = sight[0]; column <= sight[1]; column++)
		shown.push(column);
	if (active.column < sight[0] || active.column > sight[1])
		shown.push(active.column);

	const focus = () => {
		wantsFocus.current = false;
		box.current.querySelector('[data-active]')?.focus({ preventScroll: true });
	};

	// The last row is the newest; the page itself stays where it is.
	useLayoutEffect(() => { box.current.scrollTop = box.current.scrollHeight; }, [rows.length]);
	// Before the next key comes.
	useLayoutEffect(() => {
		if (wantsFocus.current || at.focus)
			reveal(box.current);
		if (at.focus)
			focus();
	}, [at]);
	useLayoutEffect(() => {
		if (wantsFocus.current && !open)
			focus();
	}, [at, open]);

	const go = to => {
		wantsFocus.current = true;
		onMove(to);
	};
	const close = () => {
		wantsFocus.current = true;
		setOpen(null);
	};
	const keyAt = (row, column) => `${rows[row].key} ${columns[column].key}`;
	const begin = (text, { row, column } = active) => setOpen({ key: keyAt(row, column), text });
	const size = { rows: rows.length, columns: columns.length };

	const onKeyDown = event => {
		const { key, ctrlKey, metaKey, altKey } = event;
		const command = (ctrlKey || metaKey) && !altKey;
		const { text } = cellAt(active.row, active.column);

		if (altKey && !ctrlKey || event.isComposing)
			return;
		// A press of the mouse may have chosen one that is half in sight.
		reveal(box.current);
		const to = move(active, event, size);
		if (to) {
			event.preventDefault();
			go(to);
		} else if (key === 'Escape') {
			onLeave();
		} else if (key === 'F2') {
			event.preventDefault();
			begin(text);
		} else if (key === 'Delete' || key === 'Backspace') {
			event.preventDefault();
			onType(active.row, active.column, '');
		} else if (command && key.toLowerCase() === 'z') {
			event.preventDefault();
			onUndo();
		} else if (key.length === 1 && !command) {
			event.preventDefault();
			begin(key);
		}
	};
	// A key that ends the editing moves on, as it would have without.
	const commit = (text, event) => {
		onType(active.row, active.column, text);
		setOpen(null);
		const to = event && move(active, event, size);
		if (to) {
			event.preventDefault();
			go(to);
		} else if (!event || event.key !== 'Tab') {
			wantsFocus.current = Boolean(event);
		}
	};
	const copy = event => {
		if (open)
			return;
		event.preventDefault();
		event.clipboardData.setData('text/plain', cellAt(active.row, active.column).text);
	};
	// More than one cell is never meant for the one that is open.
	const paste = event => {
		const text = event.clipboardData.getData('text/plain');

		if (open && !isBlock(text))
			return;
		event.preventDefault();
		setOpen(null);
		focus();
		onPaste(text);
	};
	// A second press on a cell opens it; a finger does at once.
	const press = event => {
		pressed.current = event.currentTarget === document.activeElement;
	};
	const release = (row, column, event) => {
		if (pressed.current || event.pointerType === 'touch')
			begin(cellAt(row, column).text, { row, column });
	};

	return html`<div class="grid-box" ref=${box} onScroll=${look}>
		<div role="grid" class="grid" aria-label=${label} aria-describedby=${describedBy} aria-rowcount=${rows.length + 1}
			aria-colcount=${columns.length + 1} style=${{ width: `${HEAD_REM + columns.length * COLUMN_REM}rem` }}
			onPaste=${paste} onCopy=${copy}>
			<div role="row" class="grid-row grid-head" aria-rowindex="1">
				<div role="columnheader" class="grid-corner" aria-colindex="1">Day</div>
				${shown.map(column => html`<div role="columnheader" key=${columns[column].key} class="grid-title" aria-colindex=${column + 2}
					title=${columns[column].title} style=${{ left: `${HEAD_REM + column * COLUMN_REM}rem` }}><span>${columns[column].title}</span></div>`)}
			</div>
			${rows.map(({ key, title }, row) => html`<div role="row" key=${key} class="grid-row" aria-rowindex=${row + 2}>
				<div role="rowheader" class="grid-day" aria-colindex="1">${title}</div>
				${shown.map(column => {
					const here = row === active.row && column === active.column;

					return html`<${GridCell} key=${columns[column].key} ...${cellAt(row, column)} column=${column}
						left=${`${HEAD_REM + column * COLUMN_REM}rem`} active=${here} open=${here && open?.key === keyAt(row, column) ? open : null}
						onKeyDown=${onKeyDown} onPress=${press} onRelease=${event => release(row, column, event)}
						onReach=${() => onMove({ row, column })} onCommit=${commit} onCancel=${close} />`;
				})}
			</div>`)}
		</div>
	</div>`;
}

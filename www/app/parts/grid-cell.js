// One cell of the table in which days are entered: its text, or an input while
// it is edited.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isBlock } from '../block.js';
import { html } from '../html.js';

// However it ends, but by Escape, what was typed is kept, also where the view is
// left with the cell open; before the page is, the browser asks.
function Editor({ name, text, onCommit, onCancel }) {
	const input = useRef(null);
	const done = useRef(false);
	const finish = (act, event) => {
		if (done.current)
			return;
		done.current = true;
		act(event);
	};
	const commit = event => finish(() => onCommit(input.current.value, event), event);
	const leave = useRef(null);

	leave.current = () => commit(null);
	const keys = event => {
		event.stopPropagation();
		if (event.isComposing)
			return;
		if (event.key === 'Enter' || event.key === 'Tab')
			commit(event);
		else if (event.key === 'Escape')
			finish(onCancel);
		else if (event.key === 'ArrowUp' || event.key === 'ArrowDown')
			commit(event);
	};

	useLayoutEffect(() => {
		const ask = event => event.preventDefault();

		input.current.focus({ preventScroll: true });
		input.current.setSelectionRange(text.length, text.length);
		addEventListener('beforeunload', ask);
		return () => {
			removeEventListener('beforeunload', ask);
			leave.current();
		};
	}, []);
	return html`<input ref=${input} class="number" inputmode="decimal" autocomplete="off" spellcheck=${false} aria-label=${name}
		defaultValue=${text} onKeyDown=${keys} onBlur=${() => commit(null)}
		onPaste=${event => isBlock(event.clipboardData.getData('text/plain')) && commit(null)} />`;
}

const SPOKEN = { typed: 'not saved', cleared: 'will be deleted, not saved', wrong: 'can not be saved' };

// kind: known, unknown, typed, cleared, wrong.
export function GridCell({ name, text, shown, kind, error, column, left, active, open, onKeyDown, onPress, onRelease, onReach,
	onCommit, onCancel }) {
	return html`<div role="gridcell" class=${`grid-cell ${kind}`} aria-colindex=${column + 2} style=${{ left }}
		tabindex=${active ? 0 : -1} data-active=${active || undefined} aria-invalid=${kind === 'wrong' ? 'true' : undefined} title=${error}
		onKeyDown=${open ? undefined : onKeyDown} onFocus=${active ? undefined : onReach}
		onPointerDown=${open ? undefined : onPress} onPointerUp=${open ? undefined : onRelease}>
		${open ? html`<${Editor} name=${name} text=${open.text} onCommit=${onCommit} onCancel=${onCancel} />`
			: html`<span class="grid-text">${shown ?? text}</span>${SPOKEN[kind] && html`<span class="only-spoken">, ${SPOKEN[kind]}${error && `: ${error}`}</span>`}`}
	</div>`;
}

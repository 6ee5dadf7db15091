// Cells that were typed and are not stored yet. They outlive the view and a
// session that ends, not the person who typed them.
import { effect, signal } from '@preact/signals';
import { afterSave } from './grid.js';
import { user } from './session.js';

const UNDO_MOST = 100;

export const drafts = signal(new Map());
let before = [];
let owner;

export function setDrafts(next) {
	if (next === drafts.value)
		return;
	before = [...before.slice(1 - UNDO_MOST), drafts.value];
	drafts.value = next;
}

// After a save there is nothing to go back to: what was stored is stored.
export function resetDrafts(next) {
	before = [];
	drafts.value = next;
}

// A save begins: { sent, end }. end(left) is told what is left of it; who types
// meanwhile loses nothing, and somebody else gets nothing.
export function beginSave() {
	const sent = drafts.value;
	const by = owner;

	return { sent, end: left => by === owner && resetDrafts(afterSave(sent, left, drafts.value)) };
}

export function undoDraft() {
	if (before.length === 0)
		return false;
	drafts.value = before.pop();
	return true;
}

effect(() => {
	const id = user.value?.id;

	if (id !== owner)
		resetDrafts(new Map());
	owner = id;
});

// Closing the tab would lose them; the browser asks.
globalThis.addEventListener?.('beforeunload', event => {
	if (drafts.peek().size > 0)
		event.preventDefault();
});

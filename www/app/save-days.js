// One save for all cells: what somebody else changed meanwhile is found before
// anything is stored, figures go in one request, all or none; then the records
// that are to go.
import { api } from './api.js';
import { dayNumber } from './format.js';
import { changesOf, conflictsOf, dropCells, knownFrom, markErrors, rebase, runsOf } from './grid.js';
import { Conflict, removeRecord, replaceRecord } from './record.js';

// Records of the cells' days as they are now.
async function readNow(places) {
	const ids = [...new Set(places.map(({ locationId }) => locationId))];
	const runs = runsOf(places.map(({ date }) => date), (a, b) => dayNumber(b) - dayNumber(a));
	const lists = await Promise.all(runs.map(({ start, end }) =>
		api.days({ start_date: start, end_date: end, location_id: ids.length === 1 ? ids[0] : undefined })));

	return knownFrom(lists.flat());
}

// The key of a save whose outcome is not known. The same figures sent once more
// are that save, so that nothing happens twice.
let attempt = { body: '', key: '' };

async function putAll(put) {
	const days = put.map(({ date, locationId, gb }) => ({ date, location_id: locationId, usage_gb: gb }));
	const body = JSON.stringify(days);

	if (attempt.body !== body)
		attempt = { body, key: crypto.randomUUID() };
	try {
		return await api.putDays(days, attempt.key);
	} catch (error) {
		if (error.status >= 400 && error.status < 500)
			attempt = { body: '', key: '' };
		throw error;
	}
}

// A single record has a tag, so the server itself refuses a stale change.
async function store(put) {
	if (put.length === 1 && put[0].was) {
		await replaceRecord(put[0].was, put[0].gb);
		return;
	}
	await putAll(put);
	attempt = { body: '', key: '' };
}

const recordOf = theirs => theirs && { id: theirs.id, gb: theirs.usage_gb };

// Back with { drafts, stored, removed, conflicts, error }: the drafts that are
// left, and why they are.
export async function saveDays(drafts) {
	const wanted = changesOf(drafts);
	const now = await readNow([...wanted.put, ...wanted.remove]);
	const conflicts = conflictsOf(drafts, now);
	// What is there already, by us or by somebody else, needs no request.
	let left = rebase(drafts, now);
	const { put, remove } = changesOf(left);
	const settled = list => list.filter(({ key }) => !left.has(key)).length;
	const result = (more = {}) => ({
		drafts: left,
		stored: settled(wanted.put),
		removed: settled(wanted.remove),
		conflicts: [],
		error: null,
		...more,
	});
	let current = put[0];

	if (conflicts.length)
		return result({ conflicts });
	try {
		if (put.length)
			await store(put);
		left = dropCells(left, put.map(({ key }) => key));
		for (current of remove) {
			await removeRecord(current.was);
			left = dropCells(left, [current.key]);
		}
		return result();
	} catch (error) {
		if (error instanceof Conflict) {
			const theirs = recordOf(error.theirs);

			left = new Map(left).set(current.key, { ...left.get(current.key), was: theirs });
			return result({ conflicts: [{ key: current.key, mine: current.gb, was: current.was.gb, theirs: theirs?.gb ?? null }] });
		}
		left = markErrors(left, error.places ?? [], put);
		return result({ error });
	}
}

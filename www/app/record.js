// Changing a single record only where it still is what its reader saw. The list
// of records carries no tags; so the record is read once more, held against
// what was seen, and its tag goes along with the change.
import { api } from './api.js';

// theirs: the record as it is now; null: it is gone.
export class Conflict extends Error {
	constructor(theirs) {
		super('Somebody else changed this day meanwhile.');
		this.name = 'Conflict';
		this.theirs = theirs;
	}
}

async function read(id) {
	try {
		return await api.taggedDay(id);
	} catch (error) {
		if (error.status === 404)
			throw new Conflict(null);
		throw error;
	}
}

async function change({ id, gb }, act) {
	const { answer, tag } = await read(id);

	if (answer.usage_gb !== gb)
		throw new Conflict(answer);
	try {
		return await act(tag);
	} catch (error) {
		if (error.status === 404)
			throw new Conflict(null);
		if (error.status === 412)
			throw new Conflict((await read(id)).answer);
		throw error;
	}
}

// was: { id, gb } as it was seen.
export const replaceRecord = (was, gb) => change(was, tag => api.changeDay(was.id, gb, tag));
export const removeRecord = was => change(was, tag => api.removeDay(was.id, tag));

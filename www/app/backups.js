// Backups in words. Pure.
import { ago, count, plural } from './format.js';

// As the service takes it: letters, digits and hyphens.
export function nameFault(name) {
	if (name === '' || /^(?!\d+$)[A-Za-z0-9-]{1,40}$/.test(name))
		return '';
	return 'Up to 40 letters, digits and hyphens, and not digits alone.';
}

const STATES = {
	proven: 'Proven',
	unproven: 'Not proven',
	damaged: 'Damaged',
	missing: 'The file is gone',
};

export const stateInWords = ({ state }) => STATES[state] ?? state;

export const newestProven = backups => backups.find(backup => backup.proven) ?? null;

// A night may have been missed; two are too many.
const OLD_MS = 48 * 3600 * 1000;

// What to say of the newest proven one: { text, worry }.
export function safety(backups, now = Date.now()) {
	const proven = newestProven(backups);

	if (!proven)
		return { worry: true, text: backups.length ? 'None of the backups has been proven yet. Verify one, or make a new one.'
			: 'There is no backup yet. If the disk fails, everything is lost.' };
	if (now - new Date(proven.at) > OLD_MS)
		return { worry: true, text: `The last proven backup was made ${ago(proven.at, now)}. What was entered since is in no proven backup.` };
	return { worry: false, text: `Made ${ago(proven.at, now)}, read back, and found whole.` };
}

const REASONS = {
	busy: 'Another backup, check or restore is at work. Try again when it is done.',
	wrong_key: 'It is encrypted, and the key that opens it is not the one in the settings.',
	damaged: 'The file is damaged.',
	truncated: 'The file is cut off: its end is missing.',
	not_found: 'The file is not there any more.',
	disk_full: 'The disk is full.',
};

// Why a work with backups did not come to an end; nothing was changed by it.
export function failureInWords({ message, result }) {
	return REASONS[result?.reason] ?? `${(message ?? '').charAt(0).toUpperCase()}${(message ?? '').slice(1)}.`;
}

// The same where the request itself was refused.
export const refusalInWords = error => error.status === 503 ? REASONS.busy : error.message;

const TABLES = {
	locations: ['location', 'locations'],
	daily_usage: ['daily figure', 'daily figures'],
	monthly_summaries: ['monthly total', 'monthly totals'],
	cycle_settings: ['billing cycle setting', 'billing cycle settings'],
	imports: ['import', 'imports'],
};

// "12 daily figures put back, 3 taken out", a line for each table that changed.
export function restoredInWords({ tables }) {
	return Object.entries(tables)
		.filter(([, { added, removed }]) => added || removed)
		.map(([table, { added, removed }]) => [
			added && `${plural(added, ...TABLES[table] ?? [table])} put back`,
			removed && `${added ? count(removed) : plural(removed, ...TABLES[table] ?? [table])} taken out`,
		].filter(Boolean).join(', '));
}

export const DOING = { backup: 'Backing up', backup_verify: 'Checking the backup', backup_restore: 'Restoring' };

// What came of a job that is done.
export function outcome({ kind, result }) {
	if (kind === 'backup')
		return `${result.file} was made, read back, and found whole.`;
	if (kind === 'backup_verify')
		return result.proven ? `${result.file} is whole: it can be restored.` : `${result.file} can be read, but there is nothing to hold it against.`;
	return `The figures are those of ${result.file} again.`;
}

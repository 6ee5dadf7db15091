// Entries of the audit trail in the words of the people who read it. Pure.
import { count, exactGigabytes, fileSize, longDay, moment, plural } from './format.js';
import { roleTitle, scopeTitle } from './access.js';

// "user:alice" -> "alice"
export function actorInWords(actor) {
	const [kind, ...rest] = actor.split(':');
	const name = rest.join(':');

	return {
		user: name,
		key: `key dum_${name}…`,
		local: `${name}, on the server itself`,
	}[kind] ?? { nobody: 'somebody not logged in', system: 'the service itself' }[actor] ?? actor;
}

const events = {
	login: 'logged in',
	login_failed: 'failed to log in',
	code_asked: 'gave the right password and was asked for the code',
	logout: 'logged out',
	session_end: 'ended a session',
	password_changed: 'changed the password',
	totp_used_twice: 'tried a code of the second factor that was used up',
	totp_removed: 'removed the second factor',
	recovery_code_used: 'used a recovery code',
	setup_token: 'made a set-up link',
	setup: 'set the service up as its first administrator',
	export: 'exported figures',
	download: 'downloaded the backup',
	backup_deleted: 'deleted the backup',
	restore: 'restored a backup',
	key_refused: 'tried a key that is not valid',
	journal_pruned: 'removed old entries of this trail',
};

// Of these it is a file.
const aboutFile = new Set(['download', 'backup_deleted']);

// Of these the object is a user, who need not be the one who did it.
const aboutUser = { login_failed: 'as', code_asked: 'of', password_changed: 'of', totp_removed: 'of' };

// What each table holds: one, and the words to say which one it was.
const things = {
	locations: { one: 'location', which: row => row.display_name },
	daily_usage: { one: 'daily figure', which: (row, names) => [names.get(row.location_id), row.date && longDay(row.date)].filter(Boolean).join(', ') },
	monthly_summaries: { one: 'monthly total', which: row => row.month },
	cycle_settings: { one: 'billing cycle', which: () => '' },
	settings: { one: 'setting', which: row => row.name },
	imports: { one: 'import', which: row => row.file_name },
	users: { one: 'user', which: row => row.username },
	api_keys: { one: 'key', which: row => row.name },
	system_info: { one: 'database', which: () => '' },
	database: { one: 'data', which: row => row.backup && `of ${row.backup}` },
};

const deeds = { insert: 'added', update: 'changed', delete: 'deleted', import: 'imported', restore: 'brought back', init: 'made', migrate: 'brought up to date' };

// Days and figures of an entry that stands for many: {days: [[day, [...]]]}, or
// their counts alone where it is too long.
function bulk(value) {
	const days = value?.days;
	const dayCount = value?.day_count ?? days?.length;

	if (dayCount === undefined)
		return '';
	const figures = value.record_count ?? days.reduce((sum, [, list]) => sum + list.length, 0);

	return `${plural(figures, 'daily figure')} of ${plural(dayCount, 'day')}`;
}

function change({ op, table, pk, before, after }, names) {
	const deed = deeds[op] ?? op.replaceAll('_', ' ');
	const many = bulk(after) || bulk(before);

	if (many)
		return `${deed} ${many}`;
	const thing = things[table] ?? { one: table.replaceAll('_', ' '), which: () => '' };
	const which = thing.which({ ...before, ...after }, names) || (/^\d+$/.test(pk ?? '') ? `number ${pk}` : '');

	// A key is never taken out of the list; it is revoked.
	if (table === 'api_keys' && !before?.revoked_at && after?.revoked_at)
		return `revoked the key ${which}`;
	return [deed, 'the', thing.one, which].filter(Boolean).join(' ');
}

// names: of locations, by id.
export function whatHappened(entry, names = new Map()) {
	if (entry.kind === 'change')
		return change(entry, names);
	const text = events[entry.op] ?? entry.op.replaceAll('_', ' ');
	const link = aboutUser[entry.op];

	// Somebody who is in already and is asked for the password once more.
	if (entry.op === 'login_failed' && entry.after?.reason === 'confirm')
		return 'gave a wrong password where it is asked for once more';
	if (aboutFile.has(entry.op) && entry.pk)
		return `${text} ${entry.pk}`;
	return link && entry.pk && entry.actor !== `user:${entry.pk}` ? `${text} ${link} ${entry.pk}` : text;
}

// Why somebody did not get in; the sentence says it where it is empty.
const reasons = { user: 'no such user', password: 'wrong password', code: 'wrong code', disabled: 'the account is disabled', confirm: '' };

const yesNo = value => value ? 'yes' : 'no';
const words = {
	usage_bytes: ['Gigabytes', value => exactGigabytes(value / 1e9)],
	total_usage_bytes: ['Gigabytes', value => exactGigabytes(value / 1e9)],
	location_id: ['Location', (value, names) => names.get(value) ?? `number ${value}`],
	date: ['Day', longDay],
	name: ['Name'],
	display_name: ['Name to show'],
	is_active: ['Active', yesNo],
	username: ['User name'],
	role: ['Role', roleTitle],
	is_limited: ['Limited to some locations', yesNo],
	totp: ['Second factor', value => value ? 'on' : 'off'],
	locations: ['Locations', (value, names) => value === null ? 'all' : value.map(id => names.get(id) ?? id).join(', ')],
	scopes: ['What it may do', value => (Array.isArray(value) ? value : String(value).split(' ')).map(scopeTitle).join(', ')],
	prefix: ['Begins with', value => `dum_${value}`],
	expires_at: ['Expires', instant],
	revoked_at: ['Revoked', instant],
	file_name: ['File'],
	reason: ['Why', value => reasons[value] ?? value],
	cycle_day: ['First day of the cycle'],
	valid_from: ['From', longDay],
	bytes: ['Size', fileSize],
	safety_backup: ['Kept from before'],
	backup_at: ['Made', instant],
};
words.has_totp = words.totp_active = words.totp;

// Numbers of the database and times that the entry has already.
const untold = new Set(['id', 'created_at', 'updated_at', 'at', 'usage_gb', 'created_by', 'file_hash', 'options', 'database_id',
	'schema_version', 'backup', 'backup_id', 'backup_journal_id', 'timeline', 'tables', 'whole', 'password_changed', 'days', 'day_count', 'record_count']);

// Seconds since 1970, or a text.
function instant(value) {
	return moment(typeof value === 'number' ? new Date(value * 1000).toISOString() : value);
}

function say(key, value, names) {
	if (value === undefined || value === null && key !== 'locations')
		return '';
	const [, write] = words[key] ?? [];

	if (write)
		return String(write(value, names));
	if (typeof value === 'boolean')
		return yesNo(value);
	if (typeof value === 'number')
		return count(value);
	return typeof value === 'string' ? value : JSON.stringify(value);
}

function title(key) {
	const plain = key.replaceAll('_', ' ');

	return words[key]?.[0] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

// What the sentence of an entry that adds or deletes has said already.
const named = new Set(['date', 'location_id', 'name', 'display_name', 'username', 'file_name']);

// As with every new user; worth a line only when it changes.
const usual = { is_active: 'yes', totp: 'off' };

// [{ title, before, after }]: what is not the same; '' where there was nothing.
export function differences({ kind, pk, before, after }, names = new Map()) {
	const objects = [before, after].map(value => value && typeof value === 'object' && !Array.isArray(value) ? value : {});
	const keys = [...new Set(objects.flatMap(Object.keys))].filter(key => !untold.has(key));

	return keys
		.map(key => ({ key, title: title(key), before: say(key, objects[0][key], names), after: say(key, objects[1][key], names) }))
		.filter(line => line.before !== line.after)
		.filter(line => (before && after) || (!named.has(line.key) && usual[line.key] !== (line.after || line.before)))
		.filter(line => kind === 'change' || line.after !== pk)
		.map(({ key, ...line }) => line);
}

// What roles and scopes allow, in words. Pure. The server enforces it; the page
// only leaves out what would be refused.

export const ROLES = [
	{ name: 'viewer', title: 'Viewer', text: 'Sees the figures and changes nothing.' },
	{ name: 'editor', title: 'Editor', text: 'Sees the figures, enters, corrects, deletes and imports them.' },
	{ name: 'admin', title: 'Administrator', text: 'May do everything: figures, locations, users, keys, backups. Sees every location.' },
];

export const SCOPES = [
	{ name: 'read', title: 'Read', text: 'Locations, daily figures and totals.' },
	{ name: 'write', title: 'Write', text: 'Enter, correct and delete daily figures.' },
	{ name: 'import', title: 'Import', text: 'Bring in whole files and take them back.' },
	{ name: 'backup', title: 'Back up', text: 'Make, list, check and fetch backups, which hold everything; never restore or delete one.' },
	{ name: 'metrics', title: 'Monitor', text: 'The figures of the service itself, for a monitoring system.' },
	{ name: 'admin', title: 'Everything', text: 'All of these, and users, keys and settings. For no program that can do with less.' },
];

const titleOf = (list, name) => list.find(entry => entry.name === name)?.title ?? name;

export const roleTitle = name => titleOf(ROLES, name);
export const scopeTitle = name => titleOf(SCOPES, name);

// Each role may do all that those before it may.
export function may(user, role) {
	const rank = name => ROLES.findIndex(entry => entry.name === name);

	return Boolean(user) && rank(user.role) >= rank(role);
}

// "All locations", "Harbour, Pier", "Harbour and 4 others". known: by id.
export function locationsInWords(ids, known) {
	if (ids === null)
		return 'All locations';
	if (ids.length === 0)
		return 'No location';
	const names = ids.map(id => known.get(id) ?? `location ${id}`);

	return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}

// A request that a new key may make, for the person who will use it. The key
// goes by a file: what stands in a command line is seen by every user.
export function exampleFor(scopes, origin) {
	const get = path => `curl -H @key.txt ${origin}${path}`;
	const has = name => scopes.includes(name) || scopes.includes('admin');

	if (has('read'))
		return get('/api/data/locations');
	if (has('write'))
		return `${get('/api/data/daily-usage')} \\\n  --json '{"date": "2026-01-31", "location_id": 1, "usage_gb": 12.5}'`;
	if (has('backup'))
		return get('/api/system/backups');
	// Whether it lets in at all, and the version behind it.
	return get('/health');
}

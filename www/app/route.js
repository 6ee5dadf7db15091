// The page's address: #/days?location_id=3. All that a view shows by choice
// stands in it, so that a bookmark brings it back.
import { signal } from '@preact/signals';

// From a set-up link, #/setup/TOKEN. It opens the service to whoever has it, so
// it goes out of the address bar and the history as soon as it is read.
let token = '';

export function setupToken() {
	return token;
}

function read() {
	const [path, search = ''] = location.hash.replace(/^#/, '').split('?');

	if (path.startsWith('/setup/')) {
		token = path.slice('/setup/'.length);
		history.replaceState(null, '', '#/setup');
		return { path: '/setup', query: {} };
	}
	return { path: path || '/', query: Object.fromEntries(new URLSearchParams(search)) };
}

export const route = signal(read());

function follow() {
	route.value = read();
}

addEventListener('hashchange', follow);

export function href(path, query = {}) {
	const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined);

	return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

export function go(path, query) {
	location.hash = href(path, query);
}

// Without a way back to where we are.
export function replace(path, query) {
	history.replaceState(null, '', href(path, query));
	follow();
}

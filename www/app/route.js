// The page's address: #/days?location_id=3. All that a view shows by choice
// stands in it, so that a bookmark brings it back.
import { signal } from '@preact/signals';

function read() {
	const [path, search = ''] = location.hash.replace(/^#/, '').split('?');

	return { path: path || '/', query: Object.fromEntries(new URLSearchParams(search)) };
}

export const route = signal(read());

addEventListener('hashchange', () => {
	route.value = read();
});

export function href(path, query = {}) {
	const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined);

	return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

export function go(path, query) {
	location.hash = href(path, query);
}

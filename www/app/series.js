// Which lines the chart draws. Pure.

export const LINES = 5;

function total(bytes) {
	return bytes.reduce((sum, value) => sum + (value ?? 0), 0);
}

// A day on which no location is known stays unknown.
function addUp(columns, length) {
	return Array.from({ length }, (_, i) => {
		const known = columns.map(column => column[i]).filter(value => value !== null);

		return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
	});
}

// The largest locations, each a line, and all others as one.
export function chartLines(trends, lines = LINES) {
	const sorted = [...trends.series].sort((a, b) => total(b.bytes) - total(a.bytes) ||
		a.display_name.localeCompare(b.display_name));
	// A line for "others" that holds one location had better be that one.
	const head = sorted.length <= lines + 1 ? sorted : sorted.slice(0, lines);
	const rest = sorted.slice(head.length);
	const result = head.map(({ location_id: id, display_name: name, bytes }) =>
		({ id: String(id), name, values: bytes }));

	if (rest.length)
		result.push({
			id: 'others',
			name: `${rest.length} others`,
			values: addUp(rest.map(series => series.bytes), trends.dates.length),
		});
	return result.map(line => ({
		...line,
		values: line.values.map(value => value === null ? null : value / 1e9),
	}));
}

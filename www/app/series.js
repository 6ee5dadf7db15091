// What the columns of usage-trends come to: the lines of the chart, the largest
// locations. Pure.

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

// The locations with the highest totals, and on how many of the days each is known.
export function largest(trends, number) {
	return trends.series
		.map(({ location_id: id, display_name: name, bytes }) => ({
			id,
			name,
			gigabytes: total(bytes) / 1e9,
			present: bytes.filter(value => value !== null).length,
			days: trends.dates.length,
		}))
		.filter(({ present }) => present > 0)
		.sort((a, b) => b.gigabytes - a.gigabytes || a.name.localeCompare(b.name))
		.slice(0, number);
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

// What billing cycles came to, how the running one will end, and the bills
// beside them. Pure.
import { dayNumber } from './format.js';

// Before that many days a cycle says nothing about its end, and with fewer
// figures than this share it says too little.
const DAYS_LEAST = 3;
const SHARE_LEAST = 0.5;
// Cycles of which less is known are not compared: the gaps would be the
// difference.
const SHARE_COMPARED = 0.9;

// Does it still run? today: YYYY-MM-DD
export const isRunning = (cycle, today) => cycle.start <= today && today <= cycle.end;

// What the running cycle comes to if all days are as those that are known, in
// gigabytes; null: too little is known. Of a day that nobody knows it takes the
// mean of the others.
export function expectedEnd(cycle, today) {
	const { total_gb: total, coverage: { present, expected }, days_in_cycle: days } = cycle;
	const elapsed = dayNumber(today) - dayNumber(cycle.start) + 1;

	if (total === null || !expected || elapsed < DAYS_LEAST || present < SHARE_LEAST * expected)
		return null;
	return total / present * (expected / elapsed) * days;
}

const isKnown = ({ total_gb: total, coverage: { present, expected } }) =>
	total !== null && present >= SHARE_COMPARED * expected;

// Cycles, newest first, each with `end_gb`, what it came to or will come to,
// and `change`, how that differs from the cycle before: { gb, percent }. A
// stub is no measure for a whole cycle.
export function compareCycles(cycles, today) {
	const ends = cycles.map(cycle => isRunning(cycle, today) ? expectedEnd(cycle, today) : cycle.total_gb);

	return cycles.map((cycle, i) => {
		const before = cycles[i + 1];
		const comparable = before && ends[i] !== null && [cycle, before].every(one => isKnown(one) && !one.is_stub);
		const gb = comparable ? ends[i] - before.total_gb : null;

		return {
			...cycle,
			running: isRunning(cycle, today),
			end_gb: ends[i],
			change: comparable ? { gb, percent: before.total_gb > 0 ? 100 * gb / before.total_gb : null } : null,
		};
	});
}

const period = (start, end) => `${start} ${end}`;

// What the bills of each period add up to, and the days of the same locations:
// "start end" -> { start, end, billed, difference, count, id }. difference is
// null where of one of them no day is known; id is that of the last.
export function sumBills(summaries) {
	const sums = new Map();

	for (const { id, period_start: start, period_end: end, manual_gb: manual, difference_gb: difference } of summaries) {
		if (manual === null)
			continue;
		const key = period(start, end);
		const sum = sums.get(key) ?? { start, end, billed: 0, difference: 0, count: 0 };

		sum.billed += manual;
		sum.difference = sum.difference === null || difference === null ? null : sum.difference + difference;
		sum.count++;
		sum.id = id;
		sums.set(key, sum);
	}
	return sums;
}

export const billOf = (sums, cycle) => sums.get(period(cycle.start, cycle.end)) ?? null;

// Bills that start in a cycle and are of other days than it has: of one that was
// cut since, or of a location with cycles of its own.
export const otherBills = (sums, cycle) => [...sums.values()].filter(({ start, end }) =>
	start >= cycle.start && start <= cycle.end && !(start === cycle.start && end === cycle.end));

// What to ask for beside these cycles (newest first): all bills that start in one.
export const billsWanted = cycles => cycles.length ? { start_date: cycles[cycles.length - 1].start, end_date: cycles[0].end } : null;

// Billing cycles on the calendar. Pure.
//
// A cycle starts on its day of the month, or on the last day of a month that
// is too short for it; always computed from the day, never from the start
// before.

import { addDays, dayNumber, parts } from './format.js';

function daysInMonth(year, month) {
	return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function startIn(year, month, cycleDay) {
	const day = Math.min(cycleDay, daysInMonth(year, month));

	return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

// The day of the month that gave a cycle with this first and last day. A start
// on a short month's last day may stand for a later day; the next start tells.
export function cycleDayOf(cycle) {
	return Math.max(parts(cycle.start).day, parts(addDays(cycle.end, 1)).day);
}

export function cycleBefore(cycle, cycleDay) {
	const { year, month } = parts(cycle.start);
	const start = month === 1 ? startIn(year - 1, 12, cycleDay) : startIn(year, month - 1, cycleDay);

	return { start, end: addDays(cycle.start, -1) };
}

// The given cycle and those before it, newest first.
export function lastCycles(cycle, number) {
	const day = cycleDayOf(cycle);
	const list = [{ start: cycle.start, end: cycle.end }];

	while (list.length < number)
		list.push(cycleBefore(list[list.length - 1], day));
	return list;
}

export function daysIn({ start, end }) {
	return dayNumber(end) - dayNumber(start) + 1;
}

// What each cycle came to, from the columns of usage-trends. Days that lie
// before the first column are not known here; elapsed counts the days of the
// cycle up to the last column.
export function sumCycles(cycles, trends) {
	const first = dayNumber(trends.dates[0]);
	const last = dayNumber(trends.dates[trends.dates.length - 1]);

	return cycles.map(cycle => {
		const from = Math.max(dayNumber(cycle.start), first);
		const until = Math.min(dayNumber(cycle.end), last);
		let bytes = 0, present = 0;

		for (const { bytes: column } of trends.series) {
			for (let day = from; day <= until; day++) {
				const value = column[day - first];
				if (value === null)
					continue;
				bytes += value;
				present++;
			}
		}
		return {
			...cycle,
			gigabytes: bytes / 1e9,
			present,
			elapsed: Math.max(0, until - dayNumber(cycle.start) + 1),
			days: daysIn(cycle),
		};
	});
}

// Imports in words: what may be chosen, what a report says. Pure.
import { count, plural } from './format.js';

export const BYTES_MAX = 64 * 1024 * 1024;

export const CHOICES = {
	empty: { title: 'Empty cells', entries: [
		['skip', 'Leave the day as it is'],
		['zero', 'Zero, where nothing is known'],
		['overwrite', 'Zero, also over what is there']] },
	unit: { title: 'Figures are', entries: [
		['GB', 'Gigabytes (GB)'],
		['MB', 'Megabytes (MB)'],
		['GiB', 'GiB (1024³ bytes)'],
		['bytes', 'Bytes']] },
	date_format: { title: 'Dates', entries: [
		['', 'Found out by themselves'],
		['iso', '2026-12-31'],
		['dmy', '31/12/2026'],
		['mdy', '12/31/2026'],
		['dd-mmm', '31-Dec, without a year']] },
	decimal: { title: 'Decimal sign', entries: [
		['', 'Found out by itself'],
		['point', 'Point: 12.5'],
		['comma', 'Comma: 12,5']] },
};

// By which choice of the page a complaint is met, by the name of the option.
const HINTS = {
	date_format: `Say under “${CHOICES.date_format.title}” how they are written.`,
	decimal: `Say under “${CHOICES.decimal.title}” which it is, or correct the file.`,
	year: `Choose “${CHOICES.date_format.entries.at(-1)[1]}” under “${CHOICES.date_format.title}” and say the year of the first row, or write the dates with their years.`,
	max_daily_gb: 'Another limit can be set under “More options”.',
	allow_future: 'Such days are taken if “More options” says so.',
};

// What is wrong at a place, and what to do about it here.
export function complaintInWords({ text, option }) {
	return HINTS[option] ? `${text.replace(/\.?$/, '.')} ${HINTS[option]}` : text;
}

export const STANDARD = { empty: 'skip', unit: 'GB', date_format: '', decimal: '', year: '', max_daily_gb: '', skip_rejected: false, allow_future: false };

// Why a file can not even be sent; '' where it can.
export function refusal({ size }) {
	if (size === 0)
		return 'This file is empty.';
	return size > BYTES_MAX ? 'This file is larger than 64 MiB. Cut it into parts, or use dum-import on the server.' : '';
}

// The options as parameters of the request: what is not said is found out.
export function parametersOf(options, fileName, dryRun) {
	const { year, date_format: dates, skip_rejected: skip, allow_future: future, ...rest } = options;

	return {
		...rest,
		date_format: dates,
		year: dates === 'dd-mmm' ? year : '',
		skip_rejected: skip || undefined,
		allow_future: future || undefined,
		filename: [...fileName].slice(0, 200).join(''),
		dry_run: dryRun || undefined,
	};
}

// "12 new, 3 changed, 40 as they are"
export function countsInWords({ new: added, changed, same }) {
	return `${count(added)} new, ${count(changed)} changed, ${count(same)} as ${same === 1 ? 'it is' : 'they are'}`;
}

// What else is to be said of a report, a sentence each.
export function remarks(report) {
	const { empty, skipped, rejected, locations_created: locations, locations_inactive: inactive } = report;

	return [
		locations > 0 && `${plural(locations, 'new location')}.`,
		inactive > 0 && `${plural(inactive, 'location is', 'locations are')} not active and in no list until activated.`,
		empty > 0 && `${plural(empty, 'empty cell')}.`,
		skipped > 0 && `${plural(skipped, 'cell is', 'cells are')} no number and passed over.`,
		rejected > 0 && `${plural(rejected, 'cell is', 'cells are')} left out for the value or the day.`,
	].filter(Boolean);
}

// Where a complaint of a report points: "Line 4, column 2", "Line 4", ''.
export function placeOf({ line, column }) {
	return line ? `Line ${count(line)}${column ? `, column ${count(column)}` : ''}` : '';
}

// Figures that are there come before those that are new.
export function sortChanges(changes) {
	return [...changes].sort((a, b) => Number(a.before_gb === null) - Number(b.before_gb === null));
}

// How figures and dates are written. Pure. Days are texts (YYYY-MM-DD) and are
// never turned into instants of the browser's time zone.

const DAY_MS = 86400000;

export const UNKNOWN = '–';
const NARROW_SPACE = '\u202f';

const formats = new Map();

// The same for every reader: a point for decimals, thin spaces for thousands.
function decimal(value, digits) {
	if (!formats.has(digits))
		formats.set(digits, new Intl.NumberFormat('en-US', {
			minimumFractionDigits: digits,
			maximumFractionDigits: digits,
		}));
	return formats.get(digits).format(value).replaceAll(',', NARROW_SPACE);
}

export function count(value) {
	return value === null || value === undefined ? UNKNOWN : decimal(value, 0);
}

// Gigabytes with as many decimals as say something at that size.
export function gigabytes(value) {
	if (value === null || value === undefined)
		return UNKNOWN;
	const size = Math.abs(value);

	if (size >= 1000)
		return decimal(value, 0);
	if (size >= 100)
		return decimal(value, 1);
	if (size >= 0.005 || size === 0)
		return decimal(value, 2);
	return String(value);
}

// All decimals there are, for tables that people check against a bill.
export function exactGigabytes(value) {
	if (value === null || value === undefined)
		return UNKNOWN;
	const [whole, rest] = String(value).split('.');

	if (whole.includes('e'))
		return String(value);
	return decimal(Number(whole), 0) + (rest ? `.${rest}` : '');
}

// "+3.20", "−0.50", "±0.00"
export function signedGigabytes(value) {
	if (value === null || value === undefined)
		return UNKNOWN;
	const text = gigabytes(Math.abs(value));

	return `${/[1-9]/.test(text) ? value > 0 ? '+' : '−' : '±'}${text}`;
}

export function percent(value) {
	if (value === null || value === undefined)
		return UNKNOWN;
	const sign = value > 0 ? '+' : value < 0 ? '−' : '±';

	return `${sign}${decimal(Math.abs(value), 1)}${NARROW_SPACE}%`;
}

export function plural(n, one, many = `${one}s`) {
	return `${count(n)} ${n === 1 ? one : many}`;
}

export function parts(day) {
	const [year, month, date] = day.split('-').map(Number);

	return { year, month, day: date };
}

export function dayNumber(day) {
	const { year, month, day: date } = parts(day);

	return Date.UTC(year, month - 1, date) / DAY_MS;
}

export function dayFromNumber(number) {
	return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(day, days) {
	return dayFromNumber(dayNumber(day) + days);
}

// The words of a date are in the page's language, their order and the clock are
// those of the reader's country: "13 Nov 2026", "Nov 13, 2026".
export function dateLocale(tag = 'en-GB') {
	const wanted = `en-${new Intl.Locale(tag).maximize().region}`;
	const known = new Intl.DateTimeFormat(wanted).resolvedOptions().locale === wanted;
	const { hourCycle } = new Intl.DateTimeFormat(tag, { hour: 'numeric' }).resolvedOptions();

	return new Intl.Locale(known ? wanted : 'en-001', { hourCycle }).toString();
}

export function dateWords(locale) {
	const write = options => new Intl.DateTimeFormat(locale, { calendar: 'gregory', numberingSystem: 'latn', ...options });
	const day = { day: 'numeric', month: 'short', timeZone: 'UTC' };
	const short = write(day);
	const long = write({ ...day, year: 'numeric' });
	const instant = write({ dateStyle: 'medium', timeStyle: 'short' });
	const at = text => new Date(dayNumber(text) * DAY_MS);

	return {
		// "13 Nov"
		shortDay: text => short.format(at(text)),
		// "13 Nov 2026"
		longDay: text => text ? long.format(at(text)) : UNKNOWN,
		// "13 Nov – 12 Dec 2026": both days are in it.
		dayRange: (start, end) => start && end ? long.formatRange(at(start), at(end)) : UNKNOWN,
		// "13 Nov 2026, 09:59", by the reader's clock
		moment: text => text ? instant.format(new Date(text)) : UNKNOWN,
	};
}

export const { shortDay, longDay, dayRange, moment } = dateWords(dateLocale(globalThis.navigator?.language));

// "2 min 5 s", "9 s"
export function duration(seconds) {
	const minutes = Math.floor(seconds / 60);

	return [minutes && `${minutes} min`, (seconds % 60 || !minutes) && `${seconds % 60} s`].filter(Boolean).join(' ');
}

// How long ago, in one number: "5 minutes ago", "3 hours ago", "12 days ago".
export function ago(instant, now = Date.now()) {
	const minutes = Math.floor((now - new Date(instant)) / 60000);

	if (minutes < 1)
		return 'just now';
	if (minutes < 120)
		return `${plural(minutes, 'minute')} ago`;
	if (minutes < 48 * 60)
		return `${plural(Math.floor(minutes / 60), 'hour')} ago`;
	return `${plural(Math.floor(minutes / 60 / 24), 'day')} ago`;
}

// Bytes of a file: "512 bytes", "31 kB", "12.5 MB", "1.25 GB".
export function fileSize(bytes) {
	if (bytes === null || bytes === undefined)
		return UNKNOWN;
	if (bytes < 1000)
		return plural(bytes, 'byte');
	if (bytes < 1e6)
		return `${decimal(bytes / 1e3, 0)}${NARROW_SPACE}kB`;
	return bytes < 1e9 ? `${decimal(bytes / 1e6, 1)}${NARROW_SPACE}MB` : `${decimal(bytes / 1e9, 2)}${NARROW_SPACE}GB`;
}

// Today as the browser sees it; only to fill in a form.
export function browserToday() {
	const now = new Date();
	const two = n => String(n).padStart(2, '0');

	return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

// What a person typed as gigabytes: "12.5", "12,5", "1 234.5" as it is shown
// here, and 5e-7 as the service gives it. null: no such number, or "1,234",
// which may be a thousand or one and a bit.
export function parseGigabytes(text) {
	const plain = text.trim().replace(/\s*gb$/i, '').replace(/(?<=\d)[\s\u2009\u202f\u00a0](?=\d{3})/g, '');

	if (/^[1-9]\d{0,2},\d{3}$/.test(plain) || !/^(\d+([.,]\d+)?|[.,]\d+)(e-\d{1,2})?$/i.test(plain))
		return null;
	return Number(plain.replace(',', '.'));
}

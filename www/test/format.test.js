import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as f from '../app/format.js';

const SPACE = '\u202f';

test('gigabytes have as many decimals as say something at their size', () => {
	assert.equal(f.gigabytes(0), '0.00');
	assert.equal(f.gigabytes(9.9), '9.90');
	assert.equal(f.gigabytes(123.456), '123.5');
	assert.equal(f.gigabytes(1238.368), `1${SPACE}238`);
	assert.equal(f.gigabytes(0.000000001), '1e-9');
	assert.equal(f.gigabytes(null), '–');
});

test('exact gigabytes keep every decimal', () => {
	assert.equal(f.exactGigabytes(9.9), '9.9');
	assert.equal(f.exactGigabytes(1234567.000000001), `1${SPACE}234${SPACE}567.000000001`);
	assert.equal(f.exactGigabytes(130), '130');
});

test('a change has its sign, and none is said so', () => {
	assert.equal(f.percent(-9.4), `−9.4${SPACE}%`);
	assert.equal(f.percent(12), `+12.0${SPACE}%`);
	assert.equal(f.percent(0), `±0.0${SPACE}%`);
	assert.equal(f.percent(null), '–');
});

test('days are counted over leap years and never pass through a time zone', () => {
	assert.equal(f.addDays('2024-02-28', 1), '2024-02-29');
	assert.equal(f.addDays('2025-02-28', 1), '2025-03-01');
	assert.equal(f.addDays('2026-01-01', -1), '2025-12-31');
	assert.equal(f.dayNumber('1970-01-02'), 1);
});

// Some blanks are thin ones, as the reader's country has it.
const plain = text => text.replace(/\s/g, ' ');

test('a range names both days, and the year once where it is one', () => {
	const { dayRange } = f.dateWords('en-GB');

	assert.equal(plain(dayRange('2026-11-13', '2026-12-12')), '13 Nov – 12 Dec 2026');
	assert.equal(plain(dayRange('2025-12-13', '2026-01-12')), '13 Dec 2025 – 12 Jan 2026');
	assert.equal(dayRange(null, null), '–');
});

test('dates have the order and the clock of the reader, and the words of the page', () => {
	const day = tag => f.dateWords(f.dateLocale(tag)).longDay('2026-11-13');

	assert.equal(day('en-US'), 'Nov 13, 2026');
	for (const tag of ['en-GB', 'de-DE', 'fr', 'pt-BR', 'fa-IR', undefined])
		assert.equal(day(tag), '13 Nov 2026', tag);
	assert.equal(f.dateLocale('de-DE'), 'en-DE-u-hc-h23');
	assert.match(f.dateLocale('en-US'), /hc-h12/);
});

test('a day is the same in every time zone', () => {
	const { shortDay } = f.dateWords('en-GB');
	const zone = process.env.TZ;

	for (const tz of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC']) {
		process.env.TZ = tz;
		assert.equal(shortDay('2026-03-29'), '29 Mar', tz);
	}
	process.env.TZ = zone ?? 'UTC';
});

test('a time to wait is told in minutes and seconds', () => {
	assert.equal(f.duration(9), '9 s');
	assert.equal(f.duration(60), '1 min');
	assert.equal(f.duration(125), '2 min 5 s');
	assert.equal(f.duration(0), '0 s');
});

test('typed gigabytes may have a comma or a unit, and nothing else passes', () => {
	assert.equal(f.parseGigabytes('12.5'), 12.5);
	assert.equal(f.parseGigabytes(' 12,5 GB '), 12.5);
	assert.equal(f.parseGigabytes('0'), 0);
	assert.equal(f.parseGigabytes('1 234.5'), 1234.5);
	assert.equal(f.parseGigabytes('1\u2009234\u2009567,25'), 1234567.25);
	assert.equal(f.parseGigabytes('5e-7'), 5e-7); // 500 bytes
	assert.equal(f.parseGigabytes('0,125'), 0.125);
	assert.equal(f.parseGigabytes('.5'), 0.5);
	for (const text of ['', 'x', '.', '.e-7', '1,234', '1 2', '1 23', '-1', '1e3', '1.2.3', '1,234,5', 'Infinity', '0x10'])
		assert.equal(f.parseGigabytes(text), null, text);
});

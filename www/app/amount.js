// Gigabytes as people write them, with a decimal comma or point. Pure.
//
// "1,234" can be one and a bit or more than a thousand. A cell that is typed
// is seen by who types it; in a block from a spreadsheet nobody looks at each,
// so there it is refused unless the rest of the block tells.

const BLANKS = /[\s\u00a0\u2009\u202f]/g;
const UNIT = /\s*gb$/i;
// A hyphen is none of them: in some spreadsheets it stands for zero.
const UNKNOWN_MARKS = ['', '–'];

const plain = text => text.trim().replace(UNIT, '').replace(BLANKS, '');
const grouped = sign => new RegExp(`^\\d{1,3}(\\${sign}\\d{3})+$`);

// Which sign is the decimal one in these texts: ',', '.', or null where they
// do not tell or contradict each other.
export function decimalSign(texts) {
	const told = new Set();

	for (const text of texts.map(plain)) {
		const last = Math.max(text.lastIndexOf(','), text.lastIndexOf('.'));
		const sign = text[last];
		const other = sign === ',' ? '.' : ',';

		if (last < 0 || /[^\d.,]/.test(text))
			continue;
		if (text.includes(other) && text.indexOf(sign) === last)
			told.add(sign); // 1.234,5
		else if (text.indexOf(sign) !== last)
			told.add(other); // 1.234.567
		else if (!grouped(sign).test(text) || text.startsWith('0'))
			told.add(sign); // 12,5 and 0,125
	}
	return told.size === 1 ? [...told][0] : null;
}

function number(text, sign) {
	const groups = sign === ',' ? '.' : ',';
	const [whole, fraction = '', ...more] = text.split(sign);

	if (more.length || fraction && !/^\d+$/.test(fraction) || text.endsWith(sign))
		return null;
	// ".5" is a half, "." is nothing.
	if (!/^\d+$/.test(whole) && !grouped(groups).test(whole) && !(whole === '' && fraction))
		return null;
	return Number(`${whole.replaceAll(groups, '') || 0}.${fraction || 0}`);
}

function refusal(text) {
	if (/^[-\u2212][.,]?\d/.test(text))
		return 'Less than zero.';
	return 'This is not a number of gigabytes, such as 12.5.';
}

export const isBlank = text => UNKNOWN_MARKS.includes(plain(text));

// { gb }, gb null where the day is unknown, or { error }. sign: the decimal one
// of the block that the text is from; undefined: it was typed.
export function readAmount(raw, sign) {
	const text = plain(raw);

	if (isBlank(raw))
		return { gb: null };
	if (sign === null && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text))
		return { error: `This can be ${text.replace(/[.,]/, '.')} or ${text.replace(/[.,]/, '')}. Write it without doubt.` };
	const last = Math.max(text.lastIndexOf(','), text.lastIndexOf('.'));
	const decimal = sign ?? (text.indexOf(text[last]) === last ? text[last] : text[last] === ',' ? '.' : ',') ?? '.';
	const gb = number(text, decimal);

	return gb === null || !Number.isFinite(gb) ? { error: refusal(text) } : { gb };
}

// As it can be typed again: all decimals, no grouping, no exponent.
export function writeAmount(gb) {
	const text = String(gb);

	return text.includes('e') ? gb.toFixed(9).replace(/0+$/, '') : text;
}

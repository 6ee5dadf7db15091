// How a new password stands against the rules, and how hard it is to guess, in
// words. Pure. The list of the commonest passwords is the server's.

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;

const RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertzuiop', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm'];

// Characters as a person counts them.
function characters(text) {
	return [...text.normalize('NFC')];
}

function followsOn(a, b) {
	return a === b || RUNS.some(run => run.includes(a + b) || run.includes(b + a));
}

// Characters that do not follow from the one before, each kind once or twice.
function surprises(text) {
	const seen = new Map();
	const chars = characters(text.toLowerCase());
	let number = 0;

	chars.forEach((char, i) => {
		const before = seen.get(char) ?? 0;

		seen.set(char, before + 1);
		if (before < 2 && (i === 0 || !followsOn(chars[i - 1], char)))
			number++;
	});
	return number;
}

// { length, strength, fits }: two short sentences, and whether the page can
// already tell that it will be taken. name is a part that must not be all of it.
export function judgePassword(password, name = '') {
	const length = characters(password).length;
	const plain = password.toLowerCase();
	const own = name.trim().toLowerCase();

	if (length === 0)
		return { length: `At least ${PASSWORD_MIN} characters.`, strength: '', fits: false };
	if (length < PASSWORD_MIN)
		return { length: `${PASSWORD_MIN - length} more ${PASSWORD_MIN - length === 1 ? 'character' : 'characters'} needed.`, strength: '', fits: false };
	if (length > PASSWORD_MAX)
		return { length: `Too long by ${length - PASSWORD_MAX}: at most ${PASSWORD_MAX} characters.`, strength: '', fits: false };
	if (own.length >= 3 && plain.replaceAll(own, '').length < 6)
		return { length: 'Long enough.', strength: 'Too close to the user name.', fits: false };
	const number = surprises(password);

	return {
		length: 'Long enough.',
		strength: number < 8 ? 'Easy to guess: more different characters or words would help.'
			: number < 13 ? 'Fair.' : number < 18 ? 'Good.' : 'Strong.',
		fits: true,
	};
}

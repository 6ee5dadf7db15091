// Light or dark: as the system has it, until somebody chooses.
import { signal } from '@preact/signals';

const KEY = 'dum-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

// A browser that keeps nothing forgets the choice with the page; that is all.
function stored() {
	try {
		const choice = localStorage.getItem(KEY);

		return choice === 'dark' || choice === 'light' ? choice : null;
	} catch {
		return null;
	}
}

function store() {
	try {
		localStorage.setItem(KEY, chosen);
	} catch {
		// as above
	}
}

let chosen = stored(); // null: nobody has

export const theme = signal('light');

function apply() {
	theme.value = chosen ?? (system.matches ? 'dark' : 'light');
	document.documentElement.dataset.theme = theme.value;
}

export function toggleTheme() {
	chosen = theme.value === 'dark' ? 'light' : 'dark';
	store();
	apply();
}

// Logging out empties what the browser keeps for this site; how it looks is no
// secret and stays.
export function keepTheme() {
	if (chosen)
		store();
}

system.addEventListener('change', apply);
apply();

// Light or dark: as the system has it, until somebody chooses.
import { signal } from '@preact/signals';

const KEY = 'dum-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function stored() {
	try {
		return localStorage.getItem(KEY);
	} catch {
		return null; // the browser keeps nothing; the system's choice holds
	}
}

function current() {
	const choice = stored();

	return choice === 'dark' || choice === 'light' ? choice : system.matches ? 'dark' : 'light';
}

export const theme = signal(current());

function apply() {
	theme.value = current();
	document.documentElement.dataset.theme = theme.value;
}

export function toggleTheme() {
	try {
		localStorage.setItem(KEY, theme.value === 'dark' ? 'light' : 'dark');
	} catch {
		document.documentElement.dataset.theme = theme.value = theme.value === 'dark' ? 'light' : 'dark';
		return;
	}
	apply();
}

system.addEventListener('change', apply);
apply();

// Who is logged in, as the server said it last. State alone: api.js tells what
// it hears, the views read.
import { batch, computed, signal } from '@preact/signals';

// undefined: not asked yet. null: nobody. Else { user, csrf_token, expires_at }.
export const session = signal(undefined);

// Whose session ended without their doing. Their view stays, out of sight, so
// that what they typed is there when they are back.
export const lapsed = signal(null);

export const user = computed(() => session.value?.user ?? lapsed.value);

export function begin(answer) {
	batch(() => {
		lapsed.value = null;
		session.value = answer;
	});
}

// It ran out, or was ended from elsewhere.
export function lapse() {
	batch(() => {
		lapsed.value = user.value;
		session.value = null;
	});
}

// Logged out: nothing stays.
export function end() {
	batch(() => {
		lapsed.value = null;
		session.value = null;
	});
}

// The server wants a second factor before anything else.
export function demandSecondFactor() {
	const now = session.value;

	if (now && !now.user.must_enrol)
		session.value = { ...now, user: { ...now.user, must_enrol: true } };
}

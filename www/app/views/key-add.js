// A new key: what it may do, and its secret, which is shown this once.
import { useEffect, useRef, useState } from 'preact/hooks';
import { exampleFor, SCOPES } from '../access.js';
import { api } from '../api.js';
import { addDays, browserToday } from '../format.js';
import { html } from '../html.js';
import { changes } from '../load.js';
import { SomeOf } from '../parts/choice.js';
import { CopyBox } from '../parts/copy.js';
import { Field } from '../parts/field.js';
import { LocationChoice } from '../parts/location-choice.js';
import { TextField } from '../parts/text-field.js';

const LIVES = [[30, 'In 30 days'], [90, 'In 90 days'], [365, 'In a year'], [0, 'Never'], [-1, 'On a day of my choice']];
const EMPTY = { name: '', scopes: ['read'], locations: null, life: 365, day: '' };

// The last second of a day by the reader's clock, as the server writes times.
function endOfDay(day) {
	return new Date(`${day}T23:59:59`).toISOString().replace(/\.\d+Z$/, 'Z');
}

function expiry({ life, day }) {
	if (life === 0)
		return undefined;
	return endOfDay(life > 0 ? addDays(browserToday(), life) : day);
}

function Shown({ made, onDone }) {
	const heading = useRef(null);

	useEffect(() => {
		heading.current.focus();
	}, []);
	return html`<section class="card new-key" aria-labelledby="new-key">
		<h2 id="new-key" tabindex="-1" ref=${heading}>The key ${made.name}</h2>
		<p><strong>It is shown this once only.</strong> Copy it into the settings of the program that will use it.</p>
		<${CopyBox} text=${made.key} what="The key" />
		<h3>To try it</h3>
		<p>Put this line into a file <code>key.txt</code> that only you can read:</p>
		<${CopyBox} text=${`Authorization: Bearer ${made.key}`} what="The line for key.txt" />
		<p>Then:</p>
		<${CopyBox} text=${exampleFor(made.scopes, location.origin)} what="The command" />
		<button type="button" class="main" onClick=${onDone}>I have it</button>
	</section>`;
}

function Expiry({ values, error, set }) {
	return html`<${Field} id="key-life" label="Expires" error=${error}>
		<select id="key-life" value=${String(values.life)} onChange=${e => set({ life: Number(e.currentTarget.value) })}>
			${LIVES.map(([days, text]) => html`<option key=${days} value=${String(days)}>${text}</option>`)}
		</select>
	<//>
	${values.life < 0 && html`<${TextField} id="key-day" type="date" label="Last day" required min=${browserToday()} value=${values.day}
		onInput=${e => set({ day: e.currentTarget.value })} />`}`;
}

function faults({ scopes, locations }) {
	return {
		...(scopes.length === 0 && { scopes: 'Choose at least one.' }),
		...(locations?.length === 0 && { locations: 'Choose at least one location.' }),
	};
}

function Form({ locations, onMade }) {
	const [values, setValues] = useState(EMPTY);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const set = change => setValues(old => ({ ...old, ...change }));

	const add = async event => {
		event.preventDefault();
		const wrong = faults(values);
		const until = expiry(values);

		if (Object.keys(wrong).length) {
			setError({ fields: wrong });
			return;
		}
		setBusy(true);
		setError(null);
		try {
			onMade(await api.addKey({
				name: values.name.trim(),
				scopes: values.scopes,
				...(values.locations && { locations: values.locations }),
				...(until && { expires_at: until }),
			}));
			changes.value++;
			return;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return html`<form class="card form-column" onSubmit=${add} aria-labelledby="add-key">
		<h2 id="add-key">Make a key</h2>
		<div class="columns">
			<div class="form-column">
				<${TextField} id="key-name" label="Name" required maxlength="100" autocomplete="off" value=${values.name}
					error=${error?.fields.name} hint="The program that will use it." onInput=${e => set({ name: e.currentTarget.value })} />
				<${Expiry} values=${values} error=${error?.fields.expires_at} set=${set} />
				<${LocationChoice} id="key" locations=${locations} value=${values.locations} error=${error?.fields.locations}
					onChange=${chosen => set({ locations: chosen })} />
			</div>
			<${SomeOf} legend="What it may do" group="scopes" entries=${SCOPES} value=${values.scopes} error=${error?.fields.scopes}
				onChange=${scopes => set({ scopes })} />
		</div>
		${error?.message && !Object.keys(error.fields).length && html`<p class="field-error" role="alert">${error.message}</p>`}
		<button type="submit" class="main" disabled=${busy}>Make the key</button>
	</form>`;
}

export function AddKey({ locations }) {
	const [made, setMade] = useState(null);

	return made ? html`<${Shown} made=${made} onDone=${() => setMade(null)} />`
		: html`<${Form} locations=${locations} onMade=${setMade} />`;
}

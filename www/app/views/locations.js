// The metered lines: find, add, rename, switch on and off.
import { useState } from 'preact/hooks';
import { may } from '../access.js';
import { api } from '../api.js';
import { plural } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Field } from '../parts/field.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { href } from '../route.js';
import { user } from '../session.js';

function AddLocation() {
	const [name, setName] = useState('');
	const [display, setDisplay] = useState('');
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);

	const add = async event => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			const added = await api.addLocation({ name: name.trim(), ...(display.trim() && { display_name: display.trim() }) });

			setName('');
			setDisplay('');
			tell(`${added.display_name} was added.`);
			changes.value++;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return html`<form class="card wide form" onSubmit=${add} aria-labelledby="add-location">
		<h2 id="add-location">Add a location</h2>
		<div class="fields">
			<${Field} id="location-name" label="Name in files" error=${error?.fields.name} hint="As in the first row of a CSV file">
				<input id="location-name" required maxlength="100" value=${name} aria-describedby="location-name-hint"
					onInput=${e => setName(e.currentTarget.value)} />
			<//>
			<${Field} id="location-display" label="Name to show" error=${error?.fields.display_name} hint="Empty: made from the name">
				<input id="location-display" maxlength="200" value=${display} aria-describedby="location-display-hint"
					onInput=${e => setDisplay(e.currentTarget.value)} />
			<//>
			<button type="submit" class="main" disabled=${busy}>Add</button>
		</div>
		${error && !Object.keys(error.fields).length && html`<p class="field-error" role="alert">${error.message}</p>`}
	</form>`;
}

function Rename({ location, onDone }) {
	const [display, setDisplay] = useState(location.display_name);
	const [error, setError] = useState(null);
	const id = `rename-${location.id}`;

	const save = async event => {
		event.preventDefault();
		try {
			const changed = await api.changeLocation(location.id, { display_name: display.trim() });

			tell(`${location.display_name} is now shown as ${changed.display_name}.`);
			changes.value++;
			onDone();
		} catch (failure) {
			setError(failure);
		}
	};

	return html`<form class="inline" onSubmit=${save} onKeyDown=${e => e.key === 'Escape' && onDone()}>
		<label class="only-spoken" for=${id}>Name to show for ${location.name}</label>
		<input id=${id} required maxlength="200" value=${display} autofocus ref=${el => el && !el.dataset.seen && (el.dataset.seen = '1', el.focus())}
			onInput=${e => setDisplay(e.currentTarget.value)} />
		<button type="submit" class="main">Save</button>
		<button type="button" onClick=${onDone}>Cancel</button>
		${error && html`<p class="field-error" role="alert">${error.message}</p>`}
	</form>`;
}

async function switchActive(location) {
	try {
		await api.changeLocation(location.id, { is_active: !location.is_active });
		tell(`${location.display_name} ${location.is_active ? 'is no longer counted as active. Its days stay.' : 'is active again.'}`);
		changes.value++;
	} catch (failure) {
		tell(failure.message);
	}
}

function Row({ location }) {
	const [renaming, setRenaming] = useState(false);

	return html`<tr class=${location.is_active ? '' : 'inactive'}>
		<th scope="row" data-label="Location">${renaming
			? html`<${Rename} location=${location} onDone=${() => setRenaming(false)} />`
			: location.display_name}</th>
		<td data-label="Name in files"><code>${location.name}</code></td>
		<td data-label="State">${location.is_active ? 'Active' : 'Inactive'}</td>
		<td class="actions">
			<a class="button" href=${href('/days', { location_id: location.id })}
				aria-label=${`Days of ${location.display_name}`}>Days</a>
			${may(user.value, 'admin') && html`
				<button type="button" aria-label=${`Rename ${location.display_name}`} onClick=${() => setRenaming(true)}>Rename</button>
				<button type="button" aria-label=${`${location.is_active ? 'Deactivate' : 'Activate'} ${location.display_name}`}
					onClick=${() => switchActive(location)}>${location.is_active ? 'Deactivate' : 'Activate'}</button>`}
		</td>
	</tr>`;
}

const columns = [
	['display_name', 'Location'],
	['name', 'Name in files'],
	['is_active', 'State'],
];

function compare(a, b, key) {
	if (key === 'is_active')
		return Number(b.is_active) - Number(a.is_active) || a.display_name.localeCompare(b.display_name);
	return a[key].localeCompare(b[key], undefined, { numeric: true });
}

function Table({ locations }) {
	const [search, setSearch] = useState('');
	const [sort, setSort] = useState({ key: 'display_name', down: false });
	const wanted = search.trim().toLowerCase();
	const shown = locations
		.filter(({ name, display_name: display }) => `${name} ${display}`.toLowerCase().includes(wanted))
		.sort((a, b) => compare(a, b, sort.key) * (sort.down ? -1 : 1));

	return html`<section class="card full" aria-labelledby="all-locations">
		<div class="card-head">
			<h2 id="all-locations">${plural(locations.length, 'location')}</h2>
			<div class="search">
				<label for="location-search">Search</label>
				<input id="location-search" type="search" value=${search} onInput=${e => setSearch(e.currentTarget.value)} />
			</div>
		</div>
		${shown.length === 0 ? html`<p>${locations.length ? 'No location has that in its name.' : 'There is none yet.'}</p>` : html`
		<table class="stacking">
			<thead><tr>
				${columns.map(([key, title]) => html`<th scope="col" key=${key}
					aria-sort=${sort.key === key ? (sort.down ? 'descending' : 'ascending') : 'none'}>
					<button type="button" class="sort" onClick=${() => setSort({ key, down: sort.key === key && !sort.down })}>${title}</button>
				</th>`)}
				<th scope="col"><span class="only-spoken">Actions</span></th>
			</tr></thead>
			<tbody>${shown.map(location => html`<${Row} key=${location.id} location=${location} />`)}</tbody>
		</table>`}
	</section>`;
}

export function Locations() {
	const state = useLoad(signal => api.locations(signal), []);

	return html`${may(user.value, 'admin') && html`<${AddLocation} />`}
		<${Loaded} state=${state}>${locations => html`<${Table} locations=${locations} />`}<//>`;
}

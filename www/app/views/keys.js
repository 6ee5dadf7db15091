// The keys of programs: list, revoke, and the place where a new one is shown.
import { useState } from 'preact/hooks';
import { locationsInWords, scopeTitle } from '../access.js';
import { api } from '../api.js';
import { moment, plural } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { AddKey } from './key-add.js';

async function load(signal) {
	const [keys, locations] = await Promise.all([api.keys(signal), api.locations(signal)]);

	return { keys, locations };
}

function stateOf(key) {
	if (key.revoked_at)
		return `Revoked ${moment(key.revoked_at)}`;
	if (key.expires_at && new Date(key.expires_at) <= new Date())
		return 'Expired';
	return 'Valid';
}

function Row({ entry, names, onRevoke }) {
	const state = stateOf(entry);

	return html`<tr class=${state === 'Valid' ? '' : 'inactive'}>
		<th scope="row" data-label="Key">${entry.name}<br /><code class="small whole">dum_${entry.prefix}…</code></th>
		<td data-label="May">${entry.scopes.map(scopeTitle).join(', ')}</td>
		<td data-label="Locations">${locationsInWords(entry.locations, names)}</td>
		<td data-label="Made">${moment(entry.created_at)}<span class="small">${' '}${entry.created_by ? `by ${entry.created_by}` : ''}</span></td>
		<td data-label="Last used">${entry.last_used_at ? moment(entry.last_used_at) : 'Never'}</td>
		<td data-label="Expires">${entry.expires_at ? moment(entry.expires_at) : 'Never'}</td>
		<td data-label="State">${state}</td>
		<td class="actions">${!entry.revoked_at && html`<button type="button" aria-label=${`Revoke ${entry.name}`}
			onClick=${() => onRevoke(entry)}>Revoke</button>`}</td>
	</tr>`;
}

function List({ keys, names }) {
	const [doomed, setDoomed] = useState(null);
	const [busy, setBusy] = useState(false);

	const revoke = async () => {
		setBusy(true);
		try {
			await api.revokeKey(doomed.id);
			tell(`The key ${doomed.name} does not work any more.`);
			changes.value++;
		} catch (failure) {
			tell(failure.message);
		}
		setBusy(false);
		setDoomed(null);
	};

	return html`<section class="card full" aria-labelledby="all-keys">
		<h2 id="all-keys">${plural(keys.length, 'key')}</h2>
		${keys.length === 0 ? html`<p>No program has a key yet.</p>` : html`<table class="stacking">
			<thead><tr><th scope="col">Key</th><th scope="col">What it may do</th><th scope="col">Locations</th><th scope="col">Made</th>
				<th scope="col">Last used</th><th scope="col">Expires</th><th scope="col">State</th>
				<th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${keys.map(entry => html`<${Row} key=${entry.id} entry=${entry} names=${names} onRevoke=${setDoomed} />`)}</tbody>
		</table>`}
		${doomed && html`<${Confirm} title=${`Revoke the key ${doomed.name}?`} action="Revoke" busy=${busy}
			text="Programs that use it are refused from this moment on. It can not be made valid again."
			onConfirm=${revoke} onCancel=${() => setDoomed(null)} />`}
	</section>`;
}

export function Keys() {
	const state = useLoad(load, []);

	return html`
		<p>A key lets a program in, as a password lets a person in. Give each program one of its own, so that it can be revoked alone.</p>
		<${Loaded} state=${state}>${({ keys, locations }) => html`
			<${AddKey} locations=${locations} />
			<${List} keys=${keys} names=${new Map(locations.map(location => [location.id, location.display_name]))} />`}<//>`;
}

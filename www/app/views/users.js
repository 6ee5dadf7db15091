// The accounts: list and add; #/users?user=3 is one of them.
import { useState } from 'preact/hooks';
import { locationsInWords, ROLES, roleTitle } from '../access.js';
import { api } from '../api.js';
import { moment, plural } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { OneOf } from '../parts/choice.js';
import { LocationChoice } from '../parts/location-choice.js';
import { tell } from '../parts/message.js';
import { NewPassword } from '../parts/new-password.js';
import { Loaded } from '../parts/state.js';
import { TextField } from '../parts/text-field.js';
import { useTryAgain } from '../parts/try-again.js';
import { judgePassword } from '../password.js';
import { href, route } from '../route.js';
import { user as self } from '../session.js';
import { User } from './user.js';

async function load(signal) {
	const [users, locations] = await Promise.all([api.users(signal), api.locations(signal)]);

	return { users, locations };
}

const EMPTY = { username: '', password: '', role: 'viewer', locations: null };

// What the page can tell before the server is asked.
function faults({ username, password, role, locations }) {
	const verdict = judgePassword(password, username);

	return {
		...(!verdict.fits && { password: verdict.strength || verdict.length }),
		...(role !== 'admin' && locations?.length === 0 && { locations: 'Choose at least one location.' }),
	};
}

function AddUser({ locations }) {
	const [values, setValues] = useState(EMPTY);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();
	const set = change => setValues(old => ({ ...old, ...change }));

	const add = async event => {
		event.preventDefault();
		const wrong = faults(values);

		if (Object.keys(wrong).length) {
			setError({ fields: wrong });
			return;
		}
		setBusy(true);
		try {
			const { locations: limit, ...rest } = values;
			const account = { ...rest, username: rest.username.trim(),
				...(limit !== null && rest.role !== 'admin' && { locations: limit }) };
			const added = await ask(() => api.addUser(account));

			setValues(EMPTY);
			setError(null);
			tell(`${added.username} can log in now.`);
			changes.value++;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return html`<form class="card form-column" onSubmit=${add} aria-labelledby="add-user" autocomplete="off">
		<h2 id="add-user">Add a user</h2>
		<div class="columns">
			<div class="form-column">
				<${TextField} id="user-name" label="User name" required maxlength="64" autocomplete="off" autocapitalize="none"
					spellcheck=${false} value=${values.username} error=${error?.fields.username} hint="Small letters, digits and . _ @ -"
					onInput=${e => set({ username: e.currentTarget.value })} />
				<${NewPassword} id="user-password" label="First password" name=${values.username} value=${values.password}
					error=${error?.fields.password} onInput=${password => set({ password })} />
			</div>
			<div class="form-column">
				<${OneOf} legend="Role" group="new-role" entries=${ROLES} value=${values.role} error=${error?.fields.role}
					onChange=${role => set({ role })} />
				${values.role !== 'admin' && html`<${LocationChoice} id="new" locations=${locations} value=${values.locations}
					error=${error?.fields.locations} onChange=${chosen => set({ locations: chosen })} />`}
			</div>
		</div>
		${error?.message && !Object.keys(error.fields).length && html`<p class="field-error" role="alert">${error.message}</p>`}
		${notice}
		<button type="submit" class="main" disabled=${busy}>Add</button>
	</form>`;
}

function Row({ account, names }) {
	return html`<tr class=${account.is_active ? '' : 'inactive'}>
		<th scope="row" data-label="User"><a href=${href('/users', { user: account.id })}>${account.username}</a>
			${account.id === self.value.id && html` <span class="tag">you</span>`}</th>
		<td data-label="Role">${roleTitle(account.role)}</td>
		<td data-label="Locations">${locationsInWords(account.locations, names)}</td>
		<td data-label="Second factor">${account.totp ? 'On' : 'Off'}</td>
		<td data-label="Last log-in">${account.last_login_at ? moment(account.last_login_at) : 'Never'}</td>
		<td data-label="State">${account.is_active ? 'Active' : 'Disabled'}</td>
		<td class="actions"><a class="button" href=${href('/users', { user: account.id })} aria-label=${`Change ${account.username}`}>Change</a></td>
	</tr>`;
}

function List({ users, names }) {
	return html`<section class="card full" aria-labelledby="all-users">
		<h2 id="all-users">${plural(users.length, 'user')}</h2>
		<table class="stacking">
			<thead><tr><th scope="col">User</th><th scope="col">Role</th><th scope="col">Locations</th><th scope="col">Second factor</th>
				<th scope="col">Last log-in</th><th scope="col">State</th><th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${users.map(account => html`<${Row} key=${account.id} account=${account} names=${names} />`)}</tbody>
		</table>
	</section>`;
}

export function Users() {
	const chosen = Number(route.value.query.user) || 0;
	const state = useLoad(load, []);

	return html`<${Loaded} state=${state}>${({ users, locations }) => {
		const names = new Map(locations.map(location => [location.id, location.display_name]));
		const account = users.find(({ id }) => id === chosen);

		if (account)
			return html`<${User} key=${chosen} account=${account} locations=${locations} />`;
		return html`
			${chosen > 0 && html`<p class="notice">This user was deleted.</p>`}
			<${List} users=${users} names=${names} />
			<${AddUser} locations=${locations} />`;
	}}<//>`;
}

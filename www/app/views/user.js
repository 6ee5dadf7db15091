// One account, as an administrator changes it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ROLES } from '../access.js';
import { api } from '../api.js';
import { moment } from '../format.js';
import { html } from '../html.js';
import { changes } from '../load.js';
import { OneOf } from '../parts/choice.js';
import { Confirm } from '../parts/confirm.js';
import { LocationChoice } from '../parts/location-choice.js';
import { tell } from '../parts/message.js';
import { NewPassword } from '../parts/new-password.js';
import { useTryAgain } from '../parts/try-again.js';
import { judgePassword } from '../password.js';
import { probe } from '../probe.js';
import { href, replace } from '../route.js';
import { user as self } from '../session.js';

function sameIds(a, b) {
	return JSON.stringify(a) === JSON.stringify(b);
}

function Access({ account, locations }) {
	const [role, setRole] = useState(account.role);
	const [limit, setLimit] = useState(account.locations);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const wanted = role === 'admin' ? null : limit;
	const changed = role !== account.role || !sameIds(wanted, account.locations);

	const save = async event => {
		event.preventDefault();
		if (wanted?.length === 0) {
			setError({ fields: { locations: 'Choose at least one location.' } });
			return;
		}
		setBusy(true);
		setError(null);
		try {
			await api.changeUser(account.id, {
				...(role !== account.role && { role }),
				...(!sameIds(wanted, account.locations) && { locations: wanted }),
			});
			tell(`${account.username}: saved.`);
			if (account.id === self.value.id)
				await probe();
			changes.value++;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return html`<form class="card form-column" onSubmit=${save} aria-labelledby="user-access">
		<h2 id="user-access">What ${account.username} may do</h2>
		<${OneOf} legend="Role" group="role" entries=${ROLES} value=${role} error=${error?.fields.role} onChange=${setRole} />
		${role !== 'admin' && html`<${LocationChoice} id="user" locations=${locations} value=${limit}
			error=${error?.fields.locations} onChange=${setLimit} />`}
		${error?.message && !Object.keys(error.fields).length && html`<p class="field-error" role="alert">${error.message}</p>`}
		<p class="small">Saving ends the sessions of ${account.username}, who then logs in again.</p>
		<button type="submit" class="main" disabled=${busy || !changed}>Save</button>
	</form>`;
}

function SetPassword({ account }) {
	const [password, setPassword] = useState('');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();

	const save = async event => {
		event.preventDefault();
		const verdict = judgePassword(password, account.username);

		if (!verdict.fits) {
			setError(verdict.strength || verdict.length);
			return;
		}
		setBusy(true);
		setError('');
		try {
			await ask(() => api.changeUser(account.id, { password }));
			setPassword('');
			tell(`${account.username} has a new password and is logged out everywhere.`);
			changes.value++;
		} catch (failure) {
			setError(failure.fields.password ?? failure.message);
		}
		setBusy(false);
	};

	return html`<form class="card form-column" onSubmit=${save} aria-labelledby="user-new-password" autocomplete="off">
		<h2 id="user-new-password">Set a new password</h2>
		<${NewPassword} id="set-password" label="New password" name=${account.username} value=${password} error=${error}
			onInput=${setPassword} />
		${notice}
		<button type="submit" class="main" disabled=${busy}>Set the password</button>
	</form>`;
}

// What can not be undone by the same button, in words before it happens.
function deeds(account) {
	const name = account.username;

	return {
		totp: {
			title: `Remove the second factor of ${name}?`,
			text: `${name} will log in with the password alone until a new one is set up. The recovery codes stop working.`,
			action: 'Remove the second factor',
			run: () => api.changeUser(account.id, { remove_totp: true }),
			told: `${name} logs in with the password alone now.`,
		},
		disable: {
			title: `Disable ${name}?`,
			text: `${name} is logged out and can not log in until you enable the account again. Keys that ${name} made stop working for good.`,
			action: 'Disable',
			run: () => api.changeUser(account.id, { is_active: false }),
			told: `${name} can not log in any more.`,
		},
		enable: {
			run: () => api.changeUser(account.id, { is_active: true }),
			told: `${name} can log in again.`,
		},
		remove: {
			title: `Delete ${name}?`,
			text: `The account of ${name} goes for good, and keys that ${name} made stop working. The figures that ${name} entered stay, and the audit trail keeps the name.`,
			action: 'Delete',
			run: async () => {
				await api.removeUser(account.id);
				replace('/users');
			},
			told: `${name} was deleted.`,
		},
	};
}

function Deeds({ account }) {
	const [asked, setAsked] = useState(null);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const all = deeds(account);

	const run = async deed => {
		setBusy(true);
		setError('');
		try {
			await deed.run();
			tell(deed.told);
			changes.value++;
		} catch (failure) {
			setError(failure.message);
		}
		setBusy(false);
		setAsked(null);
	};
	const ask = deed => setAsked(deed);

	return html`<section class="card form-column" aria-labelledby="user-account">
		<h2 id="user-account">The account</h2>
		<p>Second factor: <strong>${account.totp ? 'on' : 'off'}</strong></p>
		${account.totp && html`<button type="button" onClick=${() => ask(all.totp)}>Remove the second factor</button>`}
		<p>Made ${moment(account.created_at)}. Last log-in: ${account.last_login_at ? moment(account.last_login_at) : 'never'}.</p>
		<p>State: <strong>${account.is_active ? 'active' : 'disabled'}</strong></p>
		${account.id === self.value.id ? html`<p class="small">This is you: another administrator can disable or delete your account.</p>` : html`
			<div class="choices">
				${account.is_active
					? html`<button type="button" onClick=${() => ask(all.disable)}>Disable</button>`
					: html`<button type="button" disabled=${busy} onClick=${() => run(all.enable)}>Enable</button>`}
				<button type="button" class="danger" onClick=${() => ask(all.remove)}>Delete</button>
			</div>`}
		${error && html`<p class="field-error" role="alert">${error}</p>`}
		${asked && html`<${Confirm} title=${asked.title} text=${asked.text} action=${asked.action} busy=${busy}
			onConfirm=${() => run(asked)} onCancel=${() => setAsked(null)} />`}
	</section>`;
}

export function User({ account, locations }) {
	const heading = useRef(null);

	useEffect(() => {
		heading.current.focus();
	}, []);
	return html`
		<p><a href=${href('/users')}>All users</a></p>
		<h2 class="subject" tabindex="-1" ref=${heading}>${account.username}
			${!account.is_active && html` <span class="tag">disabled</span>`}</h2>
		<div class="columns">
			<${Access} key=${JSON.stringify([account.role, account.locations])} account=${account} locations=${locations} />
			<${SetPassword} account=${account} />
			<${Deeds} account=${account} />
		</div>`;
}

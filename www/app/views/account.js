// One's own account: what it may do, its password, its second factor, and where
// it is logged in.
import { useState } from 'preact/hooks';
import { locationsInWords, ROLES, roleTitle } from '../access.js';
import { agentInWords } from '../agent.js';
import { api } from '../api.js';
import { moment, plural } from '../format.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { tell } from '../parts/message.js';
import { NewPassword } from '../parts/new-password.js';
import { PasswordField } from '../parts/password-field.js';
import { Loaded } from '../parts/state.js';
import { useTryAgain } from '../parts/try-again.js';
import { judgePassword } from '../password.js';
import { user } from '../session.js';
import { SecondFactor } from './second-factor.js';

function You() {
	const { username, role, locations } = user.value;
	const state = useLoad(signal => locations ? api.locations(signal) : Promise.resolve([]), []);
	const names = new Map((state.data ?? []).map(location => [location.id, location.display_name]));

	return html`<section class="card" aria-labelledby="you">
		<h2 id="you">${username}</h2>
		<p><strong>${roleTitle(role)}.</strong> ${ROLES.find(entry => entry.name === role)?.text}</p>
		${role !== 'admin' && html`<p>Locations: ${locations === null ? 'all' : locationsInWords(locations, names)}.</p>`}
	</section>`;
}

function Password() {
	const [current, setCurrent] = useState('');
	const [next, setNext] = useState('');
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();
	const { username } = user.value;

	const save = async event => {
		event.preventDefault();
		const verdict = judgePassword(next, username);

		if (!verdict.fits) {
			setError({ fields: { new_password: verdict.strength || verdict.length } });
			return;
		}
		setBusy(true);
		setError(null);
		try {
			await ask(() => api.changePassword({ current_password: current, new_password: next }));
			setCurrent('');
			setNext('');
			tell('The password was changed. You were logged out everywhere else.');
			changes.value++;
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return html`<form class="card form-column" onSubmit=${save} aria-labelledby="own-password">
		<h2 id="own-password">Password</h2>
		<input type="text" name="username" autocomplete="username" value=${username} hidden readonly />
		<${PasswordField} id="password-now" name="current_password" label="Password now" value=${current}
			error=${error?.fields.current_password} onInput=${e => setCurrent(e.currentTarget.value)} />
		<${NewPassword} id="password-new" inputName="new_password" label="New password" name=${username} value=${next}
			error=${error?.fields.new_password} onInput=${setNext} />
		${error?.message && !Object.keys(error.fields).length && html`<p class="field-error" role="alert">${error.message}</p>`}
		${notice}
		<button type="submit" class="main" disabled=${busy}>Change the password</button>
	</form>`;
}

function SessionRow({ session, onEnd }) {
	return html`<tr>
		<th scope="row" data-label="Where">${agentInWords(session.agent)}${session.current && html` <span class="tag">this one</span>`}</th>
		<td data-label="Address">${session.address}</td>
		<td data-label="Logged in">${moment(session.created_at)}</td>
		<td data-label="Last seen">${moment(session.seen_at)}</td>
		<td data-label="Ends">${moment(session.expires_at)}</td>
		<td class="actions">${!session.current && html`<button type="button"
			aria-label=${`End the session of ${agentInWords(session.agent)}, ${moment(session.created_at)}`}
			onClick=${() => onEnd(session)}>End</button>`}</td>
	</tr>`;
}

function Sessions() {
	const state = useLoad(signal => api.sessions(signal), []);
	const [asking, setAsking] = useState(false);

	const act = async (what, text) => {
		try {
			await what();
			tell(text);
			changes.value++;
		} catch (failure) {
			tell(failure.message);
		}
		setAsking(false);
	};
	const endOne = session => act(() => api.endSession(session.id), `${agentInWords(session.agent)} is logged out.`);

	return html`<section class="card full" aria-labelledby="sessions">
		<div class="card-head">
			<h2 id="sessions">Where you are logged in</h2>
			${state.data?.length > 1 && html`<button type="button" onClick=${() => setAsking(true)}>Log out everywhere else</button>`}
		</div>
		<${Loaded} state=${state}>${sessions => html`<table class="stacking">
			<thead><tr><th scope="col">Where</th><th scope="col">Address</th><th scope="col">Logged in</th>
				<th scope="col">Last seen</th><th scope="col">Ends at the latest</th>
				<th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
			<tbody>${sessions.map(session => html`<${SessionRow} key=${session.id} session=${session} onEnd=${endOne} />`)}</tbody>
		</table>`}<//>
		${asking && html`<${Confirm} title="Log out everywhere else?" action="Log out there"
			text=${`${plural(state.data.length - 1, 'other session')} will end. This one goes on.`}
			onConfirm=${() => act(api.endOtherSessions, 'You are logged in here alone.')} onCancel=${() => setAsking(false)} />`}
	</section>`;
}

export function Account() {
	return html`
		<div class="columns"><${You} /><${SecondFactor} /><${Password} /></div>
		<${Sessions} />`;
}

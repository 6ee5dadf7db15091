// Log in: name and password, then a code where the account has a second factor.
// The address stays, so that the view that was asked for comes after it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.js';
import { html } from '../html.js';
import { changes } from '../load.js';
import { PasswordField } from '../parts/password-field.js';
import { TextField } from '../parts/text-field.js';
import { useTryAgain } from '../parts/try-again.js';
import { Wait } from '../parts/wait.js';
import { tellOtherTabs } from '../probe.js';
import { begin, lapsed } from '../session.js';

function CodeField({ error, byRecovery, onSwitch }) {
	const input = useRef(null);

	useEffect(() => {
		input.current.focus();
	}, [byRecovery, error]);
	return html`<div>
		<${TextField} key=${byRecovery} id="login-code" name="code" label=${byRecovery ? 'Recovery code' : 'Code'} error=${error} required
			hint=${byRecovery ? 'One of those that you kept; each works once.' : 'The six digits that your authenticator app shows now.'}
			autocomplete=${byRecovery ? 'off' : 'one-time-code'} inputmode=${byRecovery ? 'text' : 'numeric'}
			autocapitalize="none" spellcheck=${false} inputRef=${input} />
		<button type="button" class="plain" onClick=${onSwitch}>
			${byRecovery ? 'Use the app instead' : 'The app is not at hand: use a recovery code'}
		</button>
	</div>`;
}

function Help() {
	return html`<details class="help">
		<summary>I can not log in</summary>
		<p>An administrator can set a new password for you, and take a lost second factor away, under Users.</p>
		<p>When there is no administrator left, whoever looks after the server can:
			${' '}<code>dum-admin user passwd NAME</code> or <code>dum-admin user totp-reset NAME</code>.</p>
		<p>When the service is new and has no account yet, open the set-up link that it wrote into the file
			${' '}<code>setup-link</code> of its state folder.</p>
	</details>`;
}

// What the form says after an answer.
function useLogin() {
	const [wantsCode, setWantsCode] = useState(false);
	const [error, setError] = useState('');
	const [wait, setWait] = useState(0);
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();

	const send = async credentials => {
		setBusy(true);
		setError('');
		try {
			begin(await ask(() => api.login(credentials)));
			tellOtherTabs();
			changes.value++;
			return;
		} catch (failure) {
			if (failure.codeRequired)
				setWantsCode(true);
			else if (failure.status === 429 && failure.retryAfter)
				setWait(failure.retryAfter);
			else
				setError(failure.message);
		}
		setBusy(false);
	};

	return { wantsCode, error, wait, busy, notice, send, waited: () => setWait(0) };
}

export function Login() {
	const { wantsCode, error, wait, busy, notice, send, waited } = useLogin();
	const [byRecovery, setByRecovery] = useState(false);
	const form = useRef(null);
	const back = lapsed.value?.username ?? '';

	useEffect(() => {
		form.current.elements[back ? 'password' : 'username'].focus();
	}, []);
	// Read from the form itself: what a password manager fills in raises no
	// event in some browsers.
	const submit = event => {
		event.preventDefault();
		const { username, password, code } = Object.fromEntries(new FormData(form.current));

		send({ username: username.trim(), password, ...(wantsCode && { code: code.trim() }) });
	};

	return html`<form class="card narrow form-column" ref=${form} onSubmit=${submit} aria-label="Log in">
		${back && html`<p class="notice">Your session has ended. Log in again to go on; what you typed is still there.</p>`}
		<${TextField} id="login-name" name="username" label="User name" required autocomplete="username" autocapitalize="none"
			spellcheck=${false} maxlength="64" defaultValue=${back} />
		<${PasswordField} id="login-password" name="password" label="Password" />
		${wantsCode && html`<${CodeField} error=${error} byRecovery=${byRecovery} onSwitch=${() => setByRecovery(!byRecovery)} />`}
		${error && !wantsCode && html`<p class="field-error" role="alert">${error}</p>`}
		${wait > 0 && html`<${Wait} seconds=${wait} onOver=${waited} />`}
		${notice}
		<button type="submit" class="main" disabled=${busy || wait > 0}>${busy ? 'Logging in …' : 'Log in'}</button>
		<${Help} />
	</form>`;
}

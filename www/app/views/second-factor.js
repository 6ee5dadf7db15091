// The second factor of one's own account: set up, recovery codes, removed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.js';
import { html } from '../html.js';
import { CopyButton } from '../parts/copy.js';
import { tell } from '../parts/message.js';
import { PasswordField } from '../parts/password-field.js';
import { QrCode } from '../parts/qr.js';
import { TextField } from '../parts/text-field.js';
import { useTryAgain } from '../parts/try-again.js';
import { probe } from '../probe.js';
import { user } from '../session.js';

// Sends a form's values and keeps what the answer says is wrong. ask() asks once
// more where the server has no time for a password.
function useForm(send) {
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const { ask, notice } = useTryAgain();

	const submit = async event => {
		event.preventDefault();
		const values = Object.fromEntries(new FormData(event.currentTarget));

		setBusy(true);
		setError(null);
		try {
			await send(values, ask);
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};

	return { error, busy, notice, submit, fields: error?.fields ?? {} };
}

function General({ error, among }) {
	if (!error || among.some(name => error.fields[name]))
		return null;
	return html`<p class="field-error" role="alert">${error.message}</p>`;
}

function Begin({ onBegun }) {
	const { error, busy, notice, submit, fields } = useForm(async ({ password }, ask) =>
		onBegun(await ask(() => api.beginTotp(password))));

	return html`<form class="form-column" onSubmit=${submit} aria-label="Set up the second factor">
		<p>With a second factor, a stolen password alone opens nothing: logging in also takes a code that an
			authenticator app on your phone shows. Any such app will do.</p>
		<${PasswordField} id="totp-password" name="password" label="Your password, once more" error=${fields.password} />
		<${General} error=${error} among=${['password']} />
		${notice}
		<button type="submit" class="main" disabled=${busy}>Set up</button>
	</form>`;
}

function Enrol({ enrolment, onConfirmed, onCancel }) {
	const heading = useRef(null);
	const { error, busy, submit, fields } = useForm(async ({ code }) =>
		onConfirmed((await api.confirmTotp(code.replace(/\s/g, ''))).recovery_codes));
	const seed = enrolment.seed.match(/.{1,4}/g).join(' ');

	useEffect(() => {
		heading.current.focus();
	}, []);
	return html`<form class="form-column" onSubmit=${submit} aria-labelledby="enrol">
		<h3 id="enrol" tabindex="-1" ref=${heading}>1. Give it to your app</h3>
		<p>Scan this with the authenticator app, <a href=${enrolment.uri}>open it on this device</a>, or type the text below into it.</p>
		<${QrCode} text=${enrolment.uri} label="QR code for the authenticator app. The text below says the same." />
		<p class="seed"><code>${seed}</code> <${CopyButton} text=${enrolment.seed} what="Text for the app" /></p>
		<h3>2. Type the code that it shows</h3>
		<${TextField} id="totp-code" name="code" label="Code" error=${fields.code} required autocomplete="one-time-code"
			inputmode="numeric" maxlength="12" />
		<${General} error=${error} among=${['code']} />
		<div class="buttons">
			<button type="button" onClick=${onCancel}>Cancel</button>
			<button type="submit" class="main" disabled=${busy}>Confirm</button>
		</div>
	</form>`;
}

function download(text) {
	const link = document.createElement('a');

	link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
	link.download = 'data-usage-monitor-recovery-codes.txt';
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function RecoveryCodes({ codes, onKept }) {
	const heading = useRef(null);
	const { username } = user.value;
	const text = `Data Usage Monitor, ${location.host}\nRecovery codes of ${username}. Each works once.\n\n${codes.join('\n')}\n`;

	useEffect(() => {
		heading.current.focus();
	}, []);
	return html`<section class="recovery" aria-labelledby="recovery">
		<h3 id="recovery" tabindex="-1" ref=${heading}>3. Keep the recovery codes</h3>
		<p>For the day the phone is lost. Each works once, in place of a code of the app. <strong>They are shown this once
			only</strong>: keep them on paper or in a password manager.</p>
		<p class="only-print">Data Usage Monitor, ${location.host}: recovery codes of ${username}</p>
		<ul class="codes">${codes.map(code => html`<li key=${code}><code>${code}</code></li>`)}</ul>
		<div class="choices">
			<${CopyButton} text=${text} what="Recovery codes" />
			<button type="button" onClick=${() => download(text)}>Save as a file</button>
			<button type="button" onClick=${() => print()}>Print</button>
		</div>
		<button type="button" class="main" onClick=${onKept}>I have kept them</button>
	</section>`;
}

function Remove({ onDone }) {
	const { error, busy, notice, submit, fields } = useForm(async ({ password, code }, ask) => {
		await ask(() => api.removeTotp({ password, code: code.trim() }));
		onDone();
	});

	return html`<form class="form-column" onSubmit=${submit} aria-label="Remove the second factor">
		<${PasswordField} id="totp-remove-password" name="password" label="Your password" error=${fields.password} />
		<${TextField} id="totp-remove-code" name="code" label="Code" error=${fields.code} required autocomplete="one-time-code"
			hint="A new one of the app, or a recovery code." autocapitalize="none" spellcheck=${false} />
		<${General} error=${error} among=${['password', 'code']} />
		${notice}
		<button type="submit" class="danger" disabled=${busy}>Remove the second factor</button>
	</form>`;
}

export function SecondFactor() {
	const [enrolment, setEnrolment] = useState(null);
	const [codes, setCodes] = useState(null);
	const settle = async text => {
		setEnrolment(null);
		setCodes(null);
		tell(text);
		await probe();
	};

	return html`<section class="card" aria-labelledby="second-factor">
		<h2 id="second-factor">Second factor <span class="tag">${user.value.totp || codes ? 'on' : 'off'}</span></h2>
		${codes ? html`<${RecoveryCodes} codes=${codes} onKept=${() => settle('The second factor is on.')} />`
			: enrolment ? html`<${Enrol} enrolment=${enrolment} onConfirmed=${setCodes} onCancel=${() => setEnrolment(null)} />`
			: user.value.totp ? html`<p>Logging in takes a code of your authenticator app.</p>
				<details><summary>Remove it, or set up another app</summary>
				<${Remove} onDone=${() => settle('The second factor was removed.')} /></details>`
			: html`<${Begin} onBegun=${setEnrolment} />`}
	</section>`;
}

// For an account that may do nothing else until it has one.
export function MustEnrol() {
	return html`
		<p class="notice narrow">Administrators of this service need a second factor. Set it up, and you are in.</p>
		<div class="narrow"><${SecondFactor} /></div>`;
}

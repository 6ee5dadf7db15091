// Before a restore: what it will do, and the name of the backup typed once more.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.js';
import { refusalInWords } from '../backups.js';
import { moment } from '../format.js';
import { html } from '../html.js';
import { TextField } from '../parts/text-field.js';

export function Restore({ backup, onJob, onClose }) {
	const [typed, setTyped] = useState('');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const dialog = useRef(null);

	useEffect(() => {
		dialog.current.showModal();
	}, []);
	const restore = async event => {
		event.preventDefault();
		if (typed.trim() !== backup.file) {
			setError('This is not the name of the backup.');
			return;
		}
		setBusy(true);
		try {
			const job = await api.restoreBackup(backup.file, typed.trim());

			dialog.current.close();
			onJob(job.id);
		} catch (failure) {
			setError(failure.fields?.confirm ?? refusalInWords(failure));
			setBusy(false);
		}
	};

	return html`<dialog ref=${dialog} class="confirm" aria-labelledby="restore-title" onClose=${onClose}>
		<form class="form-column" onSubmit=${restore}>
			<h2 id="restore-title">Go back to ${moment(backup.at)}?</h2>
			<p>Locations, daily figures, monthly totals, billing cycles and imports become what they were then.
				<strong>${' '}What was entered since is taken out.</strong></p>
			<ul>
				<li>The backup is checked first, and a backup of what is there now is made, so that you can come back.</li>
				<li>Users, passwords, keys and the audit trail stay as they are.</li>
				<li>Figures can be read meanwhile. Who enters some has to try again a little later.</li>
			</ul>
			<${TextField} id="restore-name" label="Type the name of the backup to go on" hint=${backup.file} error=${error}
				autocomplete="off" autocapitalize="none" spellcheck=${false} value=${typed} onInput=${e => setTyped(e.currentTarget.value)} />
			<div class="buttons">
				<button type="button" onClick=${() => dialog.current.close()}>Cancel</button>
				<button type="submit" class="danger" disabled=${busy}>Restore</button>
			</div>
		</form>
	</dialog>`;
}

// Backups: how safe the figures are, make one, check, fetch, restore, delete.
import { useState } from 'preact/hooks';
import { api } from '../api.js';
import { DOING, failureInWords, nameFault, outcome, refusalInWords, restoredInWords, safety } from '../backups.js';
import { html } from '../html.js';
import { changes, useLoad } from '../load.js';
import { JobCard } from '../parts/job-card.js';
import { tell } from '../parts/message.js';
import { Loaded } from '../parts/state.js';
import { TextField } from '../parts/text-field.js';
import { go, route } from '../route.js';
import { List } from './backup-list.js';
import { DatabaseFigures } from './database-figures.js';

async function load(signal) {
	const [backups, info] = await Promise.all([api.backups(signal), api.databaseInfo(signal)]);

	return { backups, info };
}

function Make({ backups, onJob }) {
	const [name, setName] = useState('');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const { text, worry } = safety(backups);

	const make = async event => {
		event.preventDefault();
		const fault = nameFault(name.trim());

		setError(fault);
		if (fault)
			return;
		setBusy(true);
		try {
			const answer = await api.makeBackup(name.trim());

			if (answer.state)
				onJob(answer.id);
			else
				tell(`${answer.backup_file} was made, read back, and found whole.`);
			setName('');
			changes.value++;
		} catch (failure) {
			setError(failure.fields?.name ?? refusalInWords(failure));
		}
		setBusy(false);
	};

	return html`<form class="card full form-column make-backup" onSubmit=${make} aria-labelledby="make-backup">
		<h2 id="make-backup">The last proven backup</h2>
		<p class=${worry ? 'notice' : ''}>${text}</p>
		<${TextField} id="backup-name" label="Name (if you like)" maxlength="40" autocomplete="off" spellcheck=${false}
			value=${name} error=${error} hint="A backup with a name is kept until somebody deletes it; the others go by their age."
			onInput=${e => setName(e.currentTarget.value)} />
		<button type="submit" class="main" disabled=${busy}>${busy ? 'Backing up …' : 'Back up now'}</button>
	</form>`;
}

function Restored({ job }) {
	const lines = restoredInWords(job.result);

	return html`
		${lines.length === 0 ? html`<p>Nothing was different.</p>` : html`<ul>${lines.map(line => html`<li key=${line}>${line}</li>`)}</ul>`}
		${job.result.safety_backup && html`<p>What was there before is kept in ${job.result.safety_backup}.</p>`}
		${job.message && html`<p class="notice">${job.message}</p>`}`;
}

const done = job => html`<p role="status"><strong>Done.</strong> ${outcome(job)}</p>
	${job.kind === 'backup_restore' && html`<${Restored} job=${job} />`}`;
const failed = job => html`<p class="field-error" role="alert">${failureInWords(job)}</p>`;

export function Backups() {
	const job = Number(route.value.query.job) || 0;
	const onJob = id => go('/backups', { job: id });
	const state = useLoad(load, []);

	return html`
		${job > 0 && html`<${JobCard} key=${job} id=${job} label="Work that is running" doing=${DOING} done=${done} failed=${failed}
			onClose=${() => go('/backups')} />`}
		<${Loaded} state=${state}>${({ backups, info }) => html`
			<${Make} backups=${backups} onJob=${onJob} />
			<${List} backups=${backups} onJob=${onJob} />
			<${DatabaseFigures} info=${info} />`}<//>`;
}

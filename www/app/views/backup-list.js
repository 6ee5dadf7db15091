// The backups there are, and what can be done with one.
import { useState } from 'preact/hooks';
import { api } from '../api.js';
import { newestProven, refusalInWords, stateInWords } from '../backups.js';
import { ago, fileSize, moment, plural } from '../format.js';
import { html } from '../html.js';
import { changes } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { tell } from '../parts/message.js';
import { Restore } from './backup-restore.js';

function Row({ backup, keep, busy, onVerify, onRestore, onDelete }) {
	const { file, at, label, bytes, encrypted, state, note } = backup;
	const there = state !== 'missing';
	const named = `the backup of ${moment(at)}`;

	return html`<tr class=${there ? '' : 'inactive'}>
		<th scope="row" data-label="Made">${moment(at)}${label && html` <span class="tag">${label}</span>`}<br />
			<code class="small">${file}</code></th>
		<td data-label="Age">${ago(at)}</td>
		<td data-label="Size" class="number">${fileSize(bytes)}</td>
		<td data-label="State"><span class=${`tag state-${state}`}>${stateInWords(backup)}</span>
			${encrypted && html` <span class="tag">encrypted</span>`}
			${note && html`<br /><span class="small">${note}</span>`}</td>
		<td class="actions">
			${there && html`<button type="button" disabled=${busy} aria-label=${`Verify ${named}`} onClick=${() => onVerify(backup)}>Verify</button>
				<a class="button" href=${api.backupFile(file)} download=${file} aria-label=${`Download ${named}`}>Download</a>
				<button type="button" aria-label=${`Restore ${named}`} onClick=${() => onRestore(backup)}>Restore</button>`}
			${!keep && html`<button type="button" aria-label=${`Delete ${named}`} onClick=${() => onDelete(backup)}>Delete</button>`}
		</td>
	</tr>`;
}

function Table({ backups, ...actions }) {
	const proven = newestProven(backups);

	return html`<table class="stacking backups">
		<thead><tr><th scope="col">Made</th><th scope="col">Age</th><th scope="col" class="number">Size</th><th scope="col">State</th>
			<th scope="col"><span class="only-spoken">Actions</span></th></tr></thead>
		<tbody>${backups.map(backup => html`<${Row} key=${backup.file} backup=${backup} keep=${backup === proven} ...${actions} />`)}</tbody>
	</table>
	${proven && html`<p class="small">The newest proven backup can not be deleted. A downloaded file holds everything: keep it where nobody else gets at it.</p>`}`;
}

// onJob(id): what was asked for is under way.
export function List({ backups, onJob }) {
	const [doomed, setDoomed] = useState(null);
	const [chosen, setChosen] = useState(null);
	const [busy, setBusy] = useState(false);

	const verify = async ({ file }) => {
		setBusy(true);
		try {
			onJob((await api.verifyBackup(file)).id);
		} catch (failure) {
			tell(refusalInWords(failure));
		}
		setBusy(false);
	};
	const remove = async () => {
		setBusy(true);
		try {
			await api.removeBackup(doomed.file);
			tell(`${doomed.file} is deleted.`);
			changes.value++;
		} catch (failure) {
			tell(refusalInWords(failure));
		}
		setBusy(false);
		setDoomed(null);
	};

	return html`<section class="card full" aria-labelledby="all-backups">
		<h2 id="all-backups">${plural(backups.length, 'backup')}</h2>
		${backups.length === 0 ? html`<p>Nothing was backed up yet.</p>`
			: html`<${Table} backups=${backups} busy=${busy} onVerify=${verify} onRestore=${setChosen} onDelete=${setDoomed} />`}
		${doomed && html`<${Confirm} title="Delete this backup?" action="Delete" busy=${busy}
			text=${`${doomed.file}, made ${moment(doomed.at)}, will be gone for good. The figures themselves stay as they are.`}
			onConfirm=${remove} onCancel=${() => setDoomed(null)} />`}
		${chosen && html`<${Restore} backup=${chosen} onJob=${onJob} onClose=${() => setChosen(null)} />`}
	</section>`;
}

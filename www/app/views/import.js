// Bring in a file: choose it, see what it would do, do it; and take it back.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.js';
import { html } from '../html.js';
import { countsInWords, parametersOf, refusal, STANDARD } from '../import.js';
import { followJob } from '../job.js';
import { changes } from '../load.js';
import { JobCard } from '../parts/job-card.js';
import { tell } from '../parts/message.js';
import { Progress } from '../parts/progress.js';
import { go, route } from '../route.js';
import { user } from '../session.js';
import { FileChoice, Options } from './import-form.js';
import { Imports, InTheWay, undoneInWords } from './import-list.js';
import { Report } from './import-report.js';

// A preview: { busy, job, report, refused, error }.
function usePreview() {
	const [state, setState] = useState({});
	const abort = useRef(null);
	const clear = () => {
		abort.current?.abort();
		setState({});
	};

	const look = async (file, options) => {
		clear();
		abort.current = new AbortController();
		const { signal } = abort.current;

		setState({ busy: true });
		try {
			let report = await api.importFile(file, parametersOf(options, file.name, true), { signal });

			if (report.state) {
				const job = await followJob(report.id, now => setState({ busy: true, job: now }), signal);

				setState(job.state === 'done' ? { report: job.result }
					: { report: job.result, refused: true, error: job.result ? null : { message: job.message } });
				return;
			}
			setState({ report });
		} catch (error) {
			if (!signal.aborted)
				setState({ refused: true, report: error.report, error: error.report ? null : error });
		}
	};

	useEffect(() => clear, []);
	return { ...state, look, clear };
}

function Preview({ preview, busy, onImport }) {
	const { report, refused, error } = preview;
	const heading = useRef(null);
	const shown = Boolean(report || error);

	useEffect(() => {
		if (shown)
			heading.current.focus();
	}, [report, error]);
	if (!shown)
		return null;
	const nothing = report && !refused && report.new + report.changed === 0;

	return html`<section class="card full" aria-labelledby="preview">
		<h2 id="preview" tabindex="-1" ref=${heading}>${refused ? 'This file can not be imported as it is' : 'What the import will do'}</h2>
		${error && html`<p class="field-error">${error.message}</p>`}
		${report && html`<${Report} report=${report} refused=${refused} />`}
		${refused && report && html`<p>Correct the file or the options and look again, or choose under “More options” to leave out what can not be taken.</p>`}
		${nothing && html`<p>All of it is there already. There is nothing to import.</p>`}
		${!refused && !nothing && html`<button type="button" class="main" disabled=${busy} onClick=${onImport}>${busy ? 'Importing …' : 'Import'}</button>`}
	</section>`;
}

function ImportForm({ onJob }) {
	const [file, setFile] = useState(null);
	const [fault, setFault] = useState('');
	const [options, setOptions] = useState(STANDARD);
	const [busy, setBusy] = useState(false);
	const key = useRef('');
	const preview = usePreview();

	const choose = next => {
		setFile(next);
		setFault(refusal(next));
		preview.clear();
	};
	const change = next => {
		setOptions(next);
		preview.clear();
	};
	const look = event => {
		event.preventDefault();
		if (!file)
			setFault('Choose a file first.');
		if (!file || fault)
			return;
		// The key of the import that may follow; a repeat of it does nothing.
		key.current = crypto.randomUUID();
		preview.look(file, options);
	};
	const run = async () => {
		setBusy(true);
		try {
			const answer = await api.importFile(file, parametersOf(options, file.name, false), { key: key.current });

			if (answer.state)
				onJob(answer.id);
			else
				tell(`${file.name}: ${countsInWords(answer)}.`);
			setFile(null);
			preview.clear();
			document.getElementById('import-file').value = '';
			changes.value++;
		} catch (error) {
			tell(error.message);
		}
		setBusy(false);
	};
	const errors = preview.error?.fields ?? {};

	return html`<form class="card full form" onSubmit=${look} aria-labelledby="import-form">
			<h2 id="import-form">Import a file</h2>
			<${FileChoice} file=${file} error=${fault} onChoose=${choose} />
			<${Options} options=${options} errors=${errors} onChange=${change} />
			<div class="inline steps-start"><button type="submit" class="main" disabled=${preview.busy}>Preview</button>
				${preview.busy && html`<button type="button" onClick=${preview.clear}>Cancel</button>`}
				<span class="small">Nothing is stored before you have seen what it would do.</span></div>
			${preview.busy && html`<${Progress} label="Reading the file" job=${preview.job} />`}
		</form>
		<${Preview} preview=${preview} busy=${busy} onImport=${run} />`;
}

const DOING = { import: 'Importing', import_undo: 'Taking back' };

function outcome({ kind, result }) {
	return kind === 'import_undo' ? undoneInWords(result) : `${countsInWords(result)}.`;
}

const done = job => html`<p role="status"><strong>Done.</strong> ${job.result && outcome(job)}</p>`;
const failed = ({ result, message }) => result?.touched?.length
	? html`<${InTheWay} name="The import" cells=${result.touched} total=${result.touched_total} />`
	: html`<p class="field-error" role="alert">Nothing was changed. ${message}</p>
		${result?.errors && html`<${Report} report=${result} refused />`}`;

export function Import() {
	const job = Number(route.value.query.job) || 0;
	const onJob = id => go('/import', { job: id });

	return html`
		${job > 0 && html`<${JobCard} key=${job} id=${job} label="Import that is running" doing=${DOING} done=${done} failed=${failed}
			onClose=${() => go('/import')} />`}
		<${ImportForm} onJob=${onJob} />
		${user.value.locations === null && html`<${Imports} onJob=${onJob} />`}`;
}

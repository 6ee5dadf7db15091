// How much there is, and what the nightly check found.
import { count, fileSize, moment } from '../format.js';
import { html } from '../html.js';

const NAMES = {
	locations: 'Locations',
	daily_usage: 'Daily figures',
	monthly_summaries: 'Monthly totals',
	imports: 'Imports',
	users: 'Users',
	api_keys: 'Keys for programs',
	journal: 'Entries of the audit trail',
};

function NightlyCheck({ proof }) {
	if (!proof)
		return html`<p>The nightly check has not run yet.</p>`;
	if (proof.ok)
		return html`<p>The last nightly check, ${moment(proof.at)}, found everything right.</p>`;
	return html`<div class="notice"><p>The last nightly check, ${moment(proof.at)}, found:</p>
		<ul>${proof.checks.filter(({ ok }) => !ok).map(({ name, text }) => html`<li key=${name}>${text}</li>`)}</ul></div>`;
}

export function DatabaseFigures({ info }) {
	const rows = [
		...Object.entries(NAMES).map(([table, title]) => [title, count(info.table_counts[table])]),
		['Size of the database', fileSize(info.size_bytes)],
		['Changes not yet filed into it', fileSize(info.wal_bytes)],
		['Free on the disk', fileSize(info.disk_free_bytes)],
	];

	return html`<section class="card full" aria-labelledby="database-figures">
		<h2 id="database-figures">The database</h2>
		<${NightlyCheck} proof=${info.last_verification} />
		<table class="figures"><tbody>${rows.map(([title, value]) => html`<tr key=${title}>
			<th scope="row">${title}</th><td class="number">${value}</td></tr>`)}</tbody></table>
	</section>`;
}

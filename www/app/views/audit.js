// Who did what, and when: newest first, further back by the page.
import { actorInWords, differences, whatHappened } from '../audit.js';
import { api } from '../api.js';
import { count, moment } from '../format.js';
import { html } from '../html.js';
import { useLoad } from '../load.js';
import { Field } from '../parts/field.js';
import { Loaded } from '../parts/state.js';
import { go, href, route } from '../route.js';

const PER_PAGE = 50;
const THINGS = [['daily_usage', 'Daily figures'], ['locations', 'Locations'], ['imports', 'Imports'], ['users', 'Users'],
	['api_keys', 'Keys'], ['cycle_settings', 'Billing cycle']];
const EVENTS = [['login', 'Log-ins'], ['login_failed', 'Failed log-ins'], ['logout', 'Log-outs'],
	['password_changed', 'Changed passwords'], ['totp_removed', 'Removed second factors'], ['recovery_code_used', 'Recovery codes used'],
	['session_end', 'Ended sessions']];

async function loadNames(signal) {
	const [locations, users, keys] = await Promise.all([api.locations(signal), api.users(signal), api.keys(signal)]);

	return {
		locations: new Map(locations.map(({ id, display_name: name }) => [id, name])),
		actors: [
			...users.map(({ username }) => [`user:${username}`, username]),
			...keys.map(({ prefix, name }) => [`key:${prefix}`, `Key ${name}`]),
			['nobody', 'Somebody not logged in'],
		],
	};
}

function Select({ id, label, value = '', choices, onChange }) {
	// One that is gone since, or came by a link, is in the list too.
	const all = value && !choices.some(([name]) => name === value) ? [...choices, [value, actorInWords(value)]] : choices;

	return html`<${Field} id=${id} label=${label}>
		<select id=${id} value=${value} onChange=${e => onChange(e.currentTarget.value)}>
			<option value="">All</option>
			${all.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}
		</select>
	<//>`;
}

// "Daily figures", "Failed log-ins": a table or the name of an event, as one
// choice, since nobody wants both.
function whatOf({ table, op, kind }) {
	return table ? `table:${table}` : op ? `op:${op}` : kind ? `kind:${kind}` : '';
}

function Filter({ query, actors }) {
	const set = change => go('/audit', { ...query, before: '', ...change });
	const setWhat = value => {
		const [name, text] = value.split(':');

		set({ table: '', op: '', kind: '', ...(value && { [name]: text }) });
	};
	const date = (name, label) => html`<${Field} id=${`audit-${name}`} label=${label}>
		<input id=${`audit-${name}`} type="date" value=${query[name] ?? ''} onChange=${e => set({ [name]: e.currentTarget.value })} />
	<//>`;

	return html`<form class="filter" aria-label="Which entries" onSubmit=${e => e.preventDefault()}>
		<${Field} id="audit-what" label="What">
			<select id="audit-what" value=${whatOf(query)} onChange=${e => setWhat(e.currentTarget.value)}>
				<option value="">Everything</option>
				<optgroup label="Changes">
					<option value="kind:change">All changes</option>
					${THINGS.map(([name, text]) => html`<option key=${name} value=${`table:${name}`}>${text}</option>`)}
				</optgroup>
				<optgroup label="Events">
					<option value="kind:event">All events</option>
					${EVENTS.map(([name, text]) => html`<option key=${name} value=${`op:${name}`}>${text}</option>`)}
				</optgroup>
			</select>
		<//>
		<${Select} id="audit-actor" label="Who" value=${query.actor} choices=${actors} onChange=${actor => set({ actor })} />
		${date('start_date', 'From')}
		${date('end_date', 'Until')}
		<button type="button" onClick=${() => go('/audit')}>Show all</button>
	</form>`;
}

function Differences({ lines }) {
	return html`<ul class="differences">${lines.map(({ title, before, after }) => html`<li key=${title}>
		<span class="small">${title}:</span>${' '}
		${before && html`<del>${before}</del>`}
		${before && after && html`<span aria-hidden="true"> → </span>`}
		${after && (before ? html`<ins>${after}</ins>` : after)}
	</li>`)}</ul>`;
}

// before -> after, folded where it is long.
function Detail({ entry, names }) {
	const lines = differences(entry, names);

	if (lines.length === 0)
		return null;
	if (lines.length <= 4)
		return html`<${Differences} lines=${lines} />`;
	return html`<details><summary>${count(lines.length)} details</summary><${Differences} lines=${lines} /></details>`;
}

function Entry({ entry, names, query }) {
	return html`<tr>
		<td data-label="When"><time datetime=${entry.at}>${moment(entry.at)}</time></td>
		<td data-label="Who"><a href=${href('/audit', { ...query, before: '', actor: entry.actor })}>${actorInWords(entry.actor)}</a>
			${entry.address && html` <span class="small">${entry.address}</span>`}</td>
		<td data-label="What"><div>${whatHappened(entry, names)}<${Detail} entry=${entry} names=${names} /></div></td>
	</tr>`;
}

function Entries({ answer, names, query }) {
	if (answer.data.length === 0)
		return html`<p>Nothing like this is on record.</p>`;
	return html`
		<table class="stacking audit">
			<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
			<tbody>${answer.data.map(entry => html`<${Entry} key=${entry.id} entry=${entry} names=${names} query=${query} />`)}</tbody>
		</table>
		<nav class="pages" aria-label="Pages">
			${query.before && html`<a class="button" href=${href('/audit', { ...query, before: '' })}>Newest</a>`}
			${answer.next !== null && html`<a class="button" href=${href('/audit', { ...query, before: answer.next })}>Older</a>`}
		</nav>`;
}

export function Audit() {
	const { query } = route.value;
	const { kind, actor, op, table, start_date: from, end_date: until, before } = query;
	const filter = { kind, actor, op, table, start_date: from, end_date: until, before, limit: PER_PAGE };
	const names = useLoad(loadNames, []);
	const state = useLoad(signal => api.audit(filter, signal), [JSON.stringify(filter)]);

	return html`<section class="card full" aria-label="Entries">
		<p class="small">Every change and every log-in, by your clock. Nobody can alter an entry without it showing.</p>
		<${Filter} query=${query} actors=${names.data?.actors ?? []} />
		<${Loaded} state=${state}>${answer => html`<${Entries} answer=${answer} names=${names.data?.locations ?? new Map()} query=${query} />`}<//>
	</section>`;
}

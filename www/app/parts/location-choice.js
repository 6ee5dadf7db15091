// Which locations somebody may see: all, or some.
import { useState } from 'preact/hooks';
import { html } from '../html.js';

// value: null (all) or ids. About both of a page: id keeps the controls apart.
export function LocationChoice({ id, locations, value, error, onChange }) {
	const [search, setSearch] = useState('');
	const chosen = new Set(value ?? []);
	const wanted = search.trim().toLowerCase();
	const shown = locations.filter(({ id: location, display_name: name }) =>
		chosen.has(location) || name.toLowerCase().includes(wanted));
	const toggle = location => {
		if (!chosen.delete(location))
			chosen.add(location);
		onChange([...chosen].sort((a, b) => a - b));
	};
	const way = (all, text) => html`<label class="choice">
		<input type="radio" name=${`${id}-all`} checked=${(value === null) === all} onChange=${() => onChange(all ? null : [])} />
		<span>${text}</span>
	</label>`;

	return html`<fieldset class="choice-group">
		<legend>Locations</legend>
		${way(true, 'All, also those added later')}
		${way(false, 'Only some')}
		${value !== null && html`<div class="choice-list">
			${locations.length > 8 && html`<input type="search" aria-label="Search the locations" placeholder="Search" value=${search}
				onInput=${e => setSearch(e.currentTarget.value)} />`}
			${locations.length === 0 && html`<p class="small">There is no location yet.</p>`}
			${shown.map(({ id: location, display_name: name }) => html`<label class="choice" key=${location}>
				<input type="checkbox" checked=${chosen.has(location)} onChange=${() => toggle(location)} />
				<span>${name}</span>
			</label>`)}
		</div>`}
		${error && html`<p class="field-error" role="alert">${error}</p>`}
	</fieldset>`;
}

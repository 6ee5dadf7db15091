// One of several, or several of them, each with a line that says what it is.
import { html } from '../html.js';

function Entry({ type, group, entry, checked, onChange }) {
	return html`<label class="choice">
		<input type=${type} name=${group} checked=${checked} onChange=${() => onChange(entry.name)} />
		<span><strong>${entry.title}</strong> <span class="small">${entry.text}</span></span>
	</label>`;
}

function Group({ legend, error, children }) {
	return html`<fieldset class="choice-group">
		<legend>${legend}</legend>
		${children}
		${error && html`<p class="field-error" role="alert">${error}</p>`}
	</fieldset>`;
}

export function OneOf({ legend, group, entries, value, error, onChange }) {
	return html`<${Group} legend=${legend} error=${error}>
		${entries.map(entry => html`<${Entry} key=${entry.name} type="radio" group=${group} entry=${entry}
			checked=${entry.name === value} onChange=${onChange} />`)}
	<//>`;
}

export function SomeOf({ legend, group, entries, value, error, onChange }) {
	const toggle = name => onChange(entries.map(entry => entry.name)
		.filter(entry => value.includes(entry) !== (entry === name)));

	return html`<${Group} legend=${legend} error=${error}>
		${entries.map(entry => html`<${Entry} key=${entry.name} type="checkbox" group=${group} entry=${entry}
			checked=${value.includes(entry.name)} onChange=${toggle} />`)}
	<//>`;
}

// Which file, and how it is to be read.
import { useState } from 'preact/hooks';
import { CHOICES } from '../import.js';
import { html } from '../html.js';
import { Field } from '../parts/field.js';
import { TextField } from '../parts/text-field.js';

export function FileChoice({ file, error, onChoose }) {
	const [over, setOver] = useState(false);
	const drop = event => {
		event.preventDefault();
		setOver(false);
		if (event.dataTransfer.files.length)
			onChoose(event.dataTransfer.files[0]);
	};

	return html`<div class=${over ? 'drop over' : 'drop'} onDragOver=${e => { e.preventDefault(); setOver(true); }}
		onDragLeave=${() => setOver(false)} onDrop=${drop}>
		<${Field} id="import-file" label="File" error=${error}
			hint=${file ? `Chosen: ${file.name}` : 'Choose one, or drop it here: a table with the days as rows and a column for each location, or with the columns date, location, usage_gb.'}>
			<input id="import-file" type="file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="import-file-hint"
				onChange=${e => e.currentTarget.files.length && onChoose(e.currentTarget.files[0])} />
		<//>
	</div>`;
}

function Check({ label, checked, onChange }) {
	return html`<label class="choice"><input type="checkbox" checked=${checked} onChange=${e => onChange(e.currentTarget.checked)} />
		<span>${label}</span></label>`;
}

export function Options({ options, errors, onChange }) {
	const set = (name, value) => onChange({ ...options, [name]: value });
	const select = name => html`<${Field} id=${`import-${name}`} label=${CHOICES[name].title} error=${errors[name]}>
		<select id=${`import-${name}`} value=${options[name]} onChange=${e => set(name, e.currentTarget.value)}>
			${CHOICES[name].entries.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
		</select>
	<//>`;

	return html`<div class="fields">
			${select('empty')}${select('unit')}${select('date_format')}${select('decimal')}
			${options.date_format === 'dd-mmm' && html`<${TextField} id="import-year" label="Year of the first row" inputmode="numeric"
				placeholder="Found out" error=${errors.year} value=${options.year} onInput=${e => set('year', e.currentTarget.value)} />`}
		</div>
		<details>
			<summary>More options</summary>
			<div class="fields">
				<${TextField} id="import-max" label="Most gigabytes of a day" inputmode="numeric" placeholder="As everywhere"
					error=${errors.max_daily_gb} value=${options.max_daily_gb} onInput=${e => set('max_daily_gb', e.currentTarget.value)} />
			</div>
			<${Check} label="Leave out what can not be taken, and import the rest" checked=${options.skip_rejected}
				onChange=${value => set('skip_rejected', value)} />
			<${Check} label="Take days later than tomorrow, too" checked=${options.allow_future} onChange=${value => set('allow_future', value)} />
		</details>`;
}

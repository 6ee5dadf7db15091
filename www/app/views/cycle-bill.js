// The provider's bill of one cycle of a location: shown beside what its days add
// up to, entered and corrected by hand.
import { useState } from 'preact/hooks';
import { readAmount, writeAmount } from '../amount.js';
import { api } from '../api.js';
import { dayRange, exactGigabytes } from '../format.js';
import { html } from '../html.js';
import { changes } from '../load.js';
import { Confirm } from '../parts/confirm.js';
import { tell } from '../parts/message.js';

export function BillForm({ cycle, bill, locationId, onDone }) {
	const [amount, setAmount] = useState(bill ? writeAmount(bill.billed) : '');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const id = `bill-${cycle.start}`;
	const name = dayRange(cycle.start, cycle.end);

	const save = async event => {
		event.preventDefault();
		const { gb, error: unreadable } = readAmount(amount);

		if (unreadable || gb === null) {
			setError(unreadable ?? 'Type how many gigabytes the bill says.');
			return;
		}
		setBusy(true);
		try {
			await api.putBill({ period_start: cycle.start, location_id: locationId, total_usage_gb: gb });
			tell(`The bill of ${name}: ${exactGigabytes(gb)} GB stored.`);
			changes.value++;
			onDone();
		} catch (failure) {
			setError(Object.values(failure.fields ?? {})[0] ?? failure.message);
			setBusy(false);
		}
	};

	return html`<form class="inline" onSubmit=${save} onKeyDown=${e => e.key === 'Escape' && onDone()}>
		<label class="only-spoken" for=${id}>Gigabytes on the bill of ${name}</label>
		<input id=${id} class="number" inputmode="decimal" autocomplete="off" value=${amount} aria-invalid=${error ? 'true' : undefined}
			ref=${el => el && !el.dataset.seen && (el.dataset.seen = '1', el.select())}
			onInput=${e => setAmount(e.currentTarget.value)} />
		<button type="submit" class="main" disabled=${busy}>Save</button>
		<button type="button" onClick=${onDone}>Cancel</button>
		${error && html`<p class="field-error" role="alert">${error}</p>`}
	</form>`;
}

// A bill of one location goes.
export function TakeBack({ bill }) {
	const [asking, setAsking] = useState(false);
	const [busy, setBusy] = useState(false);
	const name = dayRange(bill.start, bill.end);

	const remove = async () => {
		setBusy(true);
		try {
			await api.removeBill(bill.id);
			tell(`The bill of ${name} is taken back.`);
		} catch (failure) {
			tell(failure.message);
		}
		setBusy(false);
		setAsking(false);
		changes.value++;
	};

	return html`<button type="button" class="plain" aria-label=${`Take back the bill of ${name}`} onClick=${() => setAsking(true)}>Take back</button>
		${asking && html`<${Confirm} title="Take this bill back?" text=${`${exactGigabytes(bill.billed)} GB for ${name}. The days stay as they are.`}
			action="Take back" busy=${busy} onConfirm=${remove} onCancel=${() => setAsking(false)} />`}`;
}

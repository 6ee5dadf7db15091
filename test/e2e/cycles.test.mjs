// Cycles with their bills, the day on which they start, and files of what is
// shown; held against what the service answers and sums of our own.
import assert from 'node:assert/strict';
import { asAdmin, figure, location, visit, withPage } from './browser.mjs';

const DAY_MS = 86400000;
const addDays = (day, n) => new Date(Date.parse(day) + n * DAY_MS).toISOString().slice(0, 10);
const rows = page => page.$$eval('table.cycles tbody tr', all => all.map(row => [...row.children].map(cell => cell.textContent.replace(/\s+/g, ' ').trim())));
const status = (page, text) => page.getByRole('status').getByText(text).waitFor();

async function textOf(page, button) {
	const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);

	return { name: file.suggestedFilename(), lines: (await new Response(await file.createReadStream()).text()).trim().split('\n') };
}

// The running cycle and whole ones before it, of a location of their own.
async function fill() {
	const id = await location('lighthouse');
	const { cycle } = await asAdmin('GET', '/api/dashboard/overview');
	const days = [];

	for (let day = addDays(cycle.start, -75); day <= addDays(cycle.start, cycle.days_elapsed - 1); day = addDays(day, 1))
		days.push({ date: day, location_id: id, usage_gb: day < cycle.start ? 2 : 3 });
	await asAdmin('POST', '/api/data/daily-usage', days);
	return { id, cycle };
}

withPage('each cycle names both of its days, its coverage, and how it differs from the one before', {}, async page => {
	const { id, cycle } = await fill();
	await visit(page, 'cycles');
	await page.getByLabel('Location').selectOption({ label: 'Lighthouse' });
	await page.waitForURL(new RegExp(`location_id=${id}`));
	await page.getByText('31 of 31 days').first().waitFor();
	const [now, before] = await rows(page);
	const elapsed = cycle.days_elapsed;

	assert.match(now[0], /^\d+ \w+ (\d{4} )?– \d+ \w+ \d{4} running$/);
	assert.equal(figure(now[1]), 3 * elapsed);
	assert.equal(now[2], `${elapsed} of ${elapsed} days`);
	assert.match(before[2], /^(\d+) of \1 days$/);
	assert.equal(figure(before[1]), 2 * Number(before[2].split(' ')[0]));
	// Nothing is said of the end of a cycle that has hardly begun.
	if (elapsed >= 3) {
		assert.equal(figure((await page.locator('section .figure').textContent()).replace(/about |GB at.*/g, '')), 3 * cycle.days_in_cycle);
		assert.match(now[3], /^about \+/);
	}
	assert.equal(await page.locator('.cycle-bar').count(), (await rows(page)).length);
});

withPage('the provider\'s bill stands beside what the days add up to', { refused: [400] }, async page => {
	const id = await location('lighthouse');

	await visit(page, `cycles?location_id=${id}`);
	const row = page.locator('table.cycles tbody tr').nth(1);
	const computed = figure(await row.locator('td').first().textContent());
	await row.getByRole('button', { name: /^Enter the bill of/ }).click();
	await page.getByLabel(/^Gigabytes on the bill of/).fill('much');
	await page.keyboard.press('Enter');
	await page.getByText('This is not a number of gigabytes').waitFor();
	await page.getByLabel(/^Gigabytes on the bill of/).fill(String(computed + 1.5));
	await page.keyboard.press('Enter');
	await status(page, 'GB stored');
	await row.getByText('+1.50 GB').waitFor();
	await row.getByRole('button', { name: /^Correct the bill of/ }).click();
	await page.getByLabel(/^Gigabytes on the bill of/).fill(String(computed - 2).replace('.', ','));
	await page.keyboard.press('Enter');
	await row.getByText('−2.00 GB').waitFor();
	assert.equal(figure(await row.locator('td').first().textContent()), computed);
	assert.equal(await page.locator('.cycle-bill').count(), 1);
	await visit(page, 'cycles');
	assert.match(await page.locator('table.cycles tbody tr').nth(1).textContent(), /1 location/);
	assert.equal(await page.getByRole('button', { name: /the bill of/ }).count(), 0, 'a bill is of one location');
});

withPage('the cycles on the page go into a file with all decimals', {}, async page => {
	const id = await location('lighthouse');
	const cycles = await asAdmin('GET', `/api/data/cycles?location_id=${id}`);

	await visit(page, `cycles?location_id=${id}`);
	const { name, lines } = await textOf(page, page.getByRole('button', { name: 'Download as CSV' }));
	assert.equal(name, 'cycles.csv');
	assert.equal(lines[0], 'Start,End,Gigabytes,Days in cycle,Recorded,Expected,Bill,Bill minus days');
	assert.deepEqual(lines.slice(1).map(line => line.split(',').slice(0, 6).join()), cycles.map(({ start, end, total_gb: total, days_in_cycle: days, coverage }) =>
		[start, end, total ?? '', days, coverage.present, coverage.expected].join()));
	assert.match(lines[2], /,-2$/);
});

withPage('the days that are listed come as a file, exact, and nothing else', {}, async page => {
	const id = await location('lighthouse');
	const { cycle } = await asAdmin('GET', '/api/dashboard/overview');
	const from = addDays(cycle.start, -12), until = addDays(cycle.start, -3);

	await asAdmin('POST', '/api/data/daily-usage', { date: until, location_id: id, usage_gb: 2.123456789 });
	await visit(page, `days?start_date=${from}&end_date=${until}&location_id=${id}`);
	const { name, lines } = await textOf(page, page.getByRole('link', { name: 'Download as CSV' }));
	assert.equal(name, 'daily-usage.csv');
	assert.deepEqual([...lines].sort(), ['date,location,usage_gb', `${until},lighthouse,2.123456789`,
		...Array.from({ length: 9 }, (_, i) => `${addDays(from, i)},lighthouse,2`)].sort());
	await asAdmin('POST', '/api/data/daily-usage', { date: until, location_id: id, usage_gb: 2 });
});

withPage('another first day of a location is shown with the cycle it cuts short, before it holds', { refused: [400] }, async page => {
	const id = await location('lighthouse');
	const { cycle } = await asAdmin('GET', '/api/dashboard/overview');
	const from = addDays(cycle.start, 5), day = Number(addDays(cycle.start, 9).slice(8));
	const change = page.getByRole('form', { name: 'Another first day' });

	await asAdmin('PUT', '/api/data/monthly-summaries', { period_start: cycle.start, location_id: id, total_usage_gb: 77.5 });
	await visit(page, 'billing-cycle');
	await page.getByText(`Billing cycles start on day ${Number(cycle.start.slice(8))} of the month`).waitFor();
	await page.getByRole('textbox', { name: 'First day' }).fill('32');
	await page.getByText('A day of the month is a number from 1 to 31').waitFor();
	assert.ok(await page.getByRole('button', { name: 'Change the day' }).isDisabled());
	await page.getByLabel('Of', { exact: true }).selectOption({ label: 'Lighthouse' });
	await page.getByRole('textbox', { name: 'First day' }).fill(String(day));
	await page.getByLabel('From').fill(from);
	await change.getByText('1 cycle is cut short, so that the next one starts on day').waitFor();
	const stub = change.locator('tbody tr', { hasText: 'cut short' });
	assert.equal(await stub.locator('td').textContent(), '9');
	assert.equal((await asAdmin('GET', '/api/settings/billing-cycle')).settings.length, 0, 'a look changes nothing');
	await page.getByRole('button', { name: 'Change the day' }).click();
	await status(page, `on, cycles start on day ${day}`);
	await page.getByRole('region', { name: 'As it is' }).getByRole('row', { name: /Lighthouse/ }).waitFor();
	await visit(page, `cycles?location_id=${id}`);
	assert.match((await rows(page)).map(([name]) => name).join('\n'), /9 days only/);
	// The bill was for all of the cycle: it is there, and nothing takes its place.
	const cut = page.locator('table.cycles tbody tr', { hasText: '9 days only' });
	await cut.getByText('77.50 GB for').waitFor();
	assert.equal(await cut.getByRole('button', { name: /^Enter/ }).count(), 0);
	await cut.getByRole('button', { name: /^Take back/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
	await status(page, 'is taken back');
	await cut.getByRole('button', { name: /^Enter the bill/ }).waitFor();
	assert.equal(await page.getByText('77.50 GB').count(), 0);
	const preview = await asAdmin('GET', `/api/settings/billing-cycle?location_id=${id}`);
	assert.equal(preview.settings.length, 1);
});

withPage('a change that has not come yet is taken back, and the location goes by the day for all again', {}, async page => {
	const id = await location('boathouse');
	const { cycle } = await asAdmin('GET', '/api/dashboard/overview');
	const own = async () => (await asAdmin('GET', `/api/settings/billing-cycle?location_id=${id}`)).settings
		.filter(entry => entry.location_id === id);

	const today = addDays(cycle.start, cycle.days_elapsed - 1);
	const takeBack = async told => {
		await page.getByRole('button', { name: /^Take back: Boathouse/ }).first().click();
		await page.getByRole('dialog').getByText(told).waitFor();
		await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
		await status(page, 'was taken back');
		await page.getByRole('dialog').waitFor({ state: 'detached' });
	};

	// One from today on, by which no cycle has started, and one behind it.
	await asAdmin('PUT', '/api/settings/billing-cycle', { cycle_day: Number(addDays(today, 3).slice(8)), valid_from: today, location_id: id });
	await asAdmin('PUT', '/api/settings/billing-cycle', { cycle_day: 4, valid_from: addDays(today, 60), location_id: id });
	assert.equal((await own()).length, 2);
	await visit(page, 'billing-cycle');
	// Whichever stands first; the other is still to come.
	await takeBack(/It goes by the day for all locations again|Its own day of before goes on/);
	await page.waitForFunction(() => document.querySelectorAll('button[aria-label^="Take back: Boathouse"]').length === 1);
	await takeBack('It goes by the day for all locations again');
	await page.getByRole('button', { name: /^Take back: Boathouse/ }).waitFor({ state: 'detached' });
	assert.deepEqual(await own(), []);
});

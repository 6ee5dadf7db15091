// The dashboard as a person meets it: first empty, then with a small file, then
// with a real one. The tests build on each other, in this order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, cells, figure, importFile, open, readCsv, visit, withPage } from './browser.mjs';

withPage('an empty page says what to do next', {}, async page => {
	await visit(page, '');
	await page.getByRole('heading', { name: 'Nothing is recorded yet' }).waitFor();
	assert.match(await page.textContent('main'), /dum-import --config/);
	assert.equal(await page.getByRole('link', { name: 'Import a file' }).getAttribute('href'), '#/import');
	await page.getByRole('link', { name: 'add a location' }).click();
	await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor();
	await visit(page, 'days');
	await page.getByText('There is no active location yet').waitFor();
});

withPage('the days of the small file are on the page as they stand in it', {}, async page => {
	const { stdout } = await importFile('seed-format.csv');
	assert.equal(JSON.parse(stdout).new, 9);
	const { head, rows } = readCsv('seed-format.csv');
	const expected = rows.flatMap(row => row.slice(1).map((value, i) => `${row[0]} ${head[i + 1]} ${value}`)).sort();
	const months = { '03': 'Mar' };
	const shown = (await cells(page, 'days', 3)).map(([day, location, value]) =>
		`${day.slice(8)}-${months[day.slice(5, 7)]} ${location} ${value}`).sort();

	assert.deepEqual(shown, expected);
});

withPage('a location can be added, renamed and switched off', {}, async page => {
	await visit(page, 'locations');
	await page.getByLabel('Name in files').fill('harbour_office');
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('status').getByText('Harbour Office was added.').waitFor();
	await page.getByRole('button', { name: 'Rename Harbour Office' }).click();
	await page.getByLabel('Name to show for harbour_office').fill('Harbour');
	await page.keyboard.press('Enter');
	await page.getByRole('rowheader', { name: 'Harbour', exact: true }).waitFor();
	await page.getByRole('button', { name: 'Deactivate Harbour' }).click();
	await page.getByRole('button', { name: 'Activate Harbour', exact: true }).click();
	await page.getByRole('button', { name: 'Deactivate Harbour' }).waitFor();
	await page.getByLabel('Search').fill('harb');
	assert.equal(await page.locator('tbody tr').count(), 1);
});

test('a name that is taken is refused beside its field, and what was typed stays', async () => {
	const { page, close } = await open({ storage: await admin() });

	await visit(page, 'locations');
	await page.getByLabel('Name in files').fill('harbour_office');
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByText("The name 'harbour_office' is taken.").waitFor();
	assert.equal(await page.getByLabel('Name in files').inputValue(), 'harbour_office');
	await close();
});

withPage('a day can be entered, corrected and deleted', {}, async page => {
	await visit(page, 'days');
	await page.locator('#day-location').selectOption({ label: 'Harbour' });
	await page.getByLabel('Gigabytes', { exact: true }).fill('12,5');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('status').getByText('12.5 GB stored').waitFor();
	const row = page.locator('tbody tr').first();
	await row.getByRole('button', { name: /^Correct Harbour/ }).click();
	await page.getByLabel(/^Gigabytes of Harbour on/).fill('nonsense');
	await page.keyboard.press('Enter');
	await page.getByText('This is not a number of gigabytes').waitFor();
	await page.getByLabel(/^Gigabytes of Harbour on/).fill('7.125');
	await page.keyboard.press('Enter');
	await row.getByText('7.125').waitFor();
	await row.getByRole('button', { name: /^Delete Harbour/ }).click();
	await page.getByRole('dialog').getByText('7.125 GB').waitFor();
	await page.getByRole('button', { name: 'Cancel' }).click();
	assert.equal(await page.locator('tbody tr').count(), 10);
	await row.getByRole('button', { name: /^Delete Harbour/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('status').getByText('was deleted').waitFor();
	await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 9);
});

withPage('the overview of today shows what was entered today', {}, async page => {
	await visit(page, 'days');
	for (const [location, amount] of [['Harbour', '40'], ['Location1', '2.5']]) {
		await page.locator('#day-location').selectOption({ label: location });
		await page.getByLabel('Gigabytes', { exact: true }).fill(amount);
		await page.getByRole('button', { name: 'Save' }).click();
		await page.getByRole('status').getByText(`${amount} GB stored`).waitFor();
	}
	await visit(page, '');
	const cycle = page.getByRole('region', { name: 'This billing cycle' });
	assert.equal(figure(await cycle.locator('.figure').textContent()), 42.5);
	assert.deepEqual(await page.locator('.largest-name').allTextContents(), ['Harbour', 'Location1']);
	await page.locator('.chart canvas').waitFor();
	await page.getByText('The same as a table').click();
	assert.match(await page.locator('.chart ~ details tbody tr').first().textContent(), /40\.00.*2\.50/);
});

withPage('the chart can be read by the arrow keys and its lines switched off', {}, async page => {
	await visit(page, '');
	await page.locator('.chart-box').focus();
	await page.keyboard.press('End');
	await page.waitForFunction(() => /Harbour: 40\.00 gigabytes/.test(
		document.querySelector('.chart [aria-live]').textContent));
	const entry = page.getByRole('button', { name: 'Harbour' });
	await entry.click();
	assert.equal(await entry.getAttribute('aria-pressed'), 'false');
	await page.getByRole('button', { name: '90 days' }).click();
	await page.waitForURL(/period=90/);
});

withPage('the real file loads, and each location adds up to what stands in it', {}, async page => {
	const { stdout } = await importFile('key-countries-wide.csv', '--unit', 'MB', '--max-daily-gb', '100000');
	const { head, rows } = readCsv('key-countries-wide.csv');
	assert.equal(JSON.parse(stdout).cells, rows.length * (head.length - 1));

	const names = (await cells(page, 'locations', 2)).map(([, name]) => name);
	for (const name of head.slice(1))
		assert.ok(names.includes(name), name);

	// One month of all locations, as the page lists it, against the file.
	await visit(page, 'days?start_date=2021-03-01&end_date=2021-03-06');
	const shown = await page.$$eval('tbody tr', all => all.map(row => row.children[2].textContent));
	const total = shown.map(figure).reduce((a, b) => a + b, 0);
	const expected = rows.filter(row => row[0] >= '2021-03-01' && row[0] <= '2021-03-06')
		.flatMap(row => row.slice(1).map(Number)).reduce((a, b) => a + b, 0) / 1000;
	assert.equal(shown.length, 48);
	assert.ok(Math.abs(total - expected) < 1e-6, `${total} ${expected}`);
});

withPage('pages of records follow each other without a gap', {}, async page => {
	await visit(page, 'days?start_date=2020-01-22&end_date=2020-02-21');
	await page.getByText(/Page 1 of 5, 248 records/).waitFor();
	const seen = new Set();

	for (let n = 1; n <= 5; n++) {
		await page.getByText(new RegExp(`Page ${n} of 5`)).waitFor();
		for (const key of await page.$$eval('tbody tr', rows => rows.map(r => r.children[0].textContent + r.children[1].textContent)))
			seen.add(key);
		if (n < 5)
			await page.getByRole('link', { name: 'Older' }).click();
	}
	assert.equal(seen.size, 248);
});

withPage('cycles of all locations name both days and count what is recorded', {}, async page => {
	await visit(page, 'cycles');
	const first = page.locator('tbody tr').first();
	assert.match(await first.textContent(), /\d+ \w{3} .*– \d+ \w{3} \d{4}.*running/);
	assert.equal(figure(await first.locator('td').first().textContent()), 42.5);
	assert.match(await first.locator('td').nth(1).textContent(), /^2 of \d+ daily figures$/);
});

withPage('the tab key reaches the skip link, the views and the period', {}, async page => {
	await visit(page, '');
	const reached = [];

	for (let i = 0; i < 16; i++) {
		await page.keyboard.press('Tab');
		reached.push(await page.evaluate(() => document.activeElement.textContent.trim()));
	}
	assert.equal(reached[0], 'Skip to the content');
	for (const name of ['Overview', 'Locations', 'Cycles', 'Days', '☾', '30 days', '90 days'])
		assert.ok(reached.includes(name), `${name}: ${reached}`);
});

test('the choice of colours stays', async () => {
	const { page, close } = await open({ storage: await admin() });

	await visit(page, '');
	await page.getByRole('button', { name: 'Dark colours' }).click();
	await page.reload();
	assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
	await close();
});

test('an answer that does not come is told in plain words, and can be tried again', async () => {
	const { page, close } = await open({ storage: await admin() });

	await page.route('**/api/dashboard/overview', route => route.abort());
	await visit(page, '');
	await page.getByText('The server can not be reached').waitFor();
	await page.unroute('**/api/dashboard/overview');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('region', { name: 'This billing cycle' }).waitFor();
	await close();
});

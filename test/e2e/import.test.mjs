// Files through the page: previewed, imported, taken back; small ones at once
// and large ones as a work that goes on without the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, asAdmin, location, open, visit, withPage } from './browser.mjs';

const choose = (page, text, name = 'pier.csv') =>
	page.locator('#import-file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const preview = page => page.getByRole('button', { name: 'Preview' }).click();
const report = page => page.getByRole('region', { name: 'What the import will do' });
const row = (page, name) => page.getByRole('region', { name: 'What was imported' }).locator('tbody tr', { hasText: name }).first();
const status = (page, text) => page.getByRole('status').getByText(text).waitFor();

async function stored(name) {
	const records = await asAdmin('GET', `/api/data/daily-usage?location_id=${await location(name)}`);

	return Object.fromEntries(records.map(({ date, usage_gb: gb }) => [date, gb]));
}

withPage('a file is previewed with what would change, imported, and listed', {}, async page => {
	await asAdmin('POST', '/api/data/daily-usage', { date: '2025-05-01', location_id: await location('pier_a'), usage_gb: 5 });
	await visit(page, 'import');
	await preview(page);
	await page.getByText('Choose a file first').waitFor();
	await choose(page, 'Date;pier_a;pier_b\n01/05/2025;7,5;1\n02/05/2025;;2\n03/05/2025;3;n/a\n', 'pier <1>.csv');
	await page.getByLabel('Dates').selectOption({ label: '31/12/2026' });
	await preview(page);
	await report(page).getByText('3 new, 1 changed, 0 as they are.').waitFor();
	await report(page).getByText('1 new location. 1 empty cell. 1 cell is no number and passed over.').waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'What the import will do');
	const rows = await report(page).locator('tbody tr').evaluateAll(all => all.map(one => [...one.children].map(cell => cell.textContent)));
	assert.deepEqual(rows[0], ['1 May 2025', 'pier_a', '5', '7.5'], 'what is there comes first');
	assert.deepEqual(rows[1], ['1 May 2025', 'pier_b', 'unknown', '1']);
	assert.deepEqual(await stored('pier_a'), { '2025-05-01': 5 });
	await page.getByRole('button', { name: 'Import', exact: true }).click();
	await status(page, 'pier <1>.csv: 3 new, 1 changed');
	assert.deepEqual(await stored('pier_a'), { '2025-05-01': 7.5, '2025-05-03': 3 });
	assert.match(await row(page, 'pier <1>.csv').textContent(), /harriet.*3 new, 1 changed.*Stands/);
});

withPage('what an option changes has to be looked at anew', {}, async page => {
	await visit(page, 'import');
	await choose(page, 'Date,pier_c\n2025-05-01,2000\n2025-05-02,\n');
	await preview(page);
	await report(page).getByText('1 new').waitFor();
	await page.getByLabel('Figures are').selectOption({ label: 'Megabytes (MB)' });
	assert.equal(await page.getByRole('button', { name: 'Import', exact: true }).count(), 0);
	await page.getByLabel('Empty cells').selectOption({ label: 'Zero, where nothing is known' });
	await preview(page);
	await report(page).getByText('2 new').waitFor();
	assert.deepEqual(await report(page).locator('tbody tr td:last-child').allTextContents(), ['2', '0']);
});

withPage('a file with errors says where they are, and can be taken without them', { refused: [400] }, async page => {
	await visit(page, 'import');
	await choose(page, 'Date,pier_a,pier_b\n2025-05-11,4,-3\n2025-05-12,5,6\n');
	await preview(page);
	const bad = page.getByRole('region', { name: 'This file can not be imported as it is' });
	await bad.getByText(/Line 2, column 3/).waitFor();
	assert.equal(await page.getByRole('button', { name: 'Import', exact: true }).count(), 0);
	await page.getByText('More options').first().click();
	await page.getByLabel('Leave out what can not be taken').check();
	await preview(page);
	await report(page).getByText('3 new').waitFor();
	await report(page).getByText('Left out: 1 place').waitFor();
	await choose(page, 'nothing that is a table');
	await preview(page);
	await bad.waitFor();
	await choose(page, '');
	await page.getByText('This file is empty').waitFor();
});

withPage('a file can be dropped', {}, async page => {
	await visit(page, 'import');
	const data = await page.evaluateHandle(() => {
		const transfer = new DataTransfer();

		transfer.items.add(new File(['Date,pier_a\n2025-05-21,1\n'], 'dropped.csv', { type: 'text/csv' }));
		return transfer;
	});
	await page.locator('.drop').dispatchEvent('drop', { dataTransfer: data });
	await page.getByText('Chosen: dropped.csv').waitFor();
	await preview(page);
	await report(page).getByText('1 new').waitFor();
});

withPage('an import is taken back after a question, unless its days were changed since', { refused: [409] }, async page => {
	await visit(page, 'import');
	const undo = () => row(page, 'pier <1>.csv').getByRole('button', { name: /^Take back/ }).click();
	await asAdmin('POST', '/api/data/daily-usage', { date: '2025-05-03', location_id: await location('pier_a'), usage_gb: 3.5 });
	await undo();
	await page.getByRole('dialog').getByText('3 days that it added will be unknown again, 1 day that it changed').waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
	await undo();
	await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
	await page.getByText('pier <1>.csv was not taken back').waitFor();
	assert.match(await page.locator('.notice li').first().textContent(), /^pier_a, 3 May 2025$/);
	assert.equal((await stored('pier_a'))['2025-05-01'], 7.5);
	await page.getByRole('button', { name: 'Close' }).click();

	await choose(page, 'Date,pier_a\n2025-05-01,8\n2025-05-04,9\n', 'second.csv');
	await preview(page);
	await page.getByRole('button', { name: 'Import', exact: true }).click();
	await status(page, 'second.csv: 1 new, 1 changed');
	await row(page, 'second.csv').getByRole('button', { name: /^Take back/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
	await status(page, 'second.csv: 1 day removed, 1 set back');
	assert.deepEqual(await stored('pier_a'), { '2025-05-01': 7.5, '2025-05-03': 3.5 });
	await row(page, 'second.csv').getByText(/^Taken back/).waitFor();
	assert.equal(await row(page, 'second.csv').getByRole('button').count(), 0);
});

// 50 locations, 450 days: more than is done within a request.
function large() {
	const names = Array.from({ length: 50 }, (_, i) => `crane_${i + 1}`);
	const day = i => new Date(Date.UTC(2022, 0, 1 + i)).toISOString().slice(0, 10);

	return [`Date,${names.join(',')}`, ...Array.from({ length: 450 }, (_, i) =>
		[day(i), ...names.map((_, n) => (i * n) % 97 / 10)].join(','))].join('\n');
}

withPage('a large file goes on without the page, and its end is told also after a reload', {}, async page => {
	await visit(page, 'import');
	await choose(page, large(), 'large.csv');
	await preview(page);
	await report(page).getByText('22\u202f500 new').waitFor();
	await report(page).getByText(/And 22.400 more figures/).waitFor();
	await page.getByRole('button', { name: 'Import', exact: true }).click();
	await page.waitForURL(/job=\d+/);
	await page.reload();
	const job = page.getByRole('region', { name: 'Import that is running' });
	await job.getByText('22\u202f500 new, 0 changed').waitFor();
	await job.getByRole('button', { name: 'Close' }).click();
	await row(page, 'large.csv').getByRole('button', { name: /^Take back/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
	await page.waitForURL(/job=\d+/);
	await job.getByText('22\u202f500 days removed, 0 set back.').waitFor();
	const all = await asAdmin('GET', '/api/data/locations?include_inactive=true');
	assert.ok(!all.some(({ name }) => name.startsWith('crane')));
});

test('an editor who sees some locations may import for these, and sees no list', async () => {
	const { page, problems, close } = await open({
		storage: await addUser('petra', 'editor', [await location('pier_a')]), refused: [400, 403] });

	await visit(page, 'import');
	assert.equal(await page.getByRole('heading', { name: 'What was imported' }).count(), 0);
	await choose(page, 'Date,pier_a\n2025-05-31,9\n');
	await preview(page);
	await report(page).getByText('1 new').waitFor();
	await choose(page, 'Date,pier_b\n2025-05-31,9\n');
	await preview(page);
	await page.getByRole('region', { name: 'This file can not be imported as it is' }).waitFor();
	assert.deepEqual(problems, []);
	await close();
});

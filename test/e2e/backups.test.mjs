// Backups through the page: made, checked, fetched, brought back, deleted.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { addUser, asAdmin, location, open, run, visit, withPage } from './browser.mjs';

const folder = path.join(path.dirname(process.env.DUM_CONF), 'backups');
const list = page => page.getByRole('region', { name: /^\d+ backups?$/ });
const row = (page, name) => list(page).locator('tbody tr', { hasText: name }).first();
const work = page => page.getByRole('region', { name: 'Work that is running' });
const status = (page, text) => page.getByRole('status').getByText(text).waitFor();
const names = async () => (await asAdmin('GET', '/api/system/backups')).map(({ file }) => file);

withPage('the first backup is made by a button, and then says how safe the figures are', {}, async page => {
	await visit(page, 'backups');
	await page.getByText('There is no backup yet').waitFor();
	await page.getByText('The nightly check has not run yet').waitFor();
	await page.getByLabel('Name (if you like)').fill('be fore');
	await page.getByRole('button', { name: 'Back up now' }).click();
	await page.getByText('Up to 40 letters, digits and hyphens').waitFor();
	assert.deepEqual(await names(), []);
	await page.getByLabel('Name (if you like)').fill('before-move');
	await page.keyboard.press('Enter');
	await status(page, /_before-move\.db\.gz was made, read back, and found whole/);
	await page.getByText('Made just now, read back, and found whole').waitFor();
	assert.match(await row(page, 'before-move').textContent(), /kB|MB/);
	await row(page, 'before-move').getByText('Proven').waitFor();
	assert.equal(await row(page, 'before-move').getByRole('button', { name: /^Delete/ }).count(), 0, 'the newest proven one stays');
	assert.equal(await page.getByLabel('Name (if you like)').inputValue(), '');
});

withPage('a backup is checked, and its progress is told also after a reload', {}, async page => {
	await visit(page, 'backups');
	await row(page, 'before-move').getByRole('button', { name: /^Verify/ }).click();
	await page.waitForURL(/job=\d+/);
	await page.reload();
	await work(page).getByText(/is whole: it can be restored/).waitFor();
	await work(page).getByRole('button', { name: 'Close' }).click();
	await work(page).waitFor({ state: 'detached' });
});

withPage('a download is the file, byte for byte', {}, async page => {
	await visit(page, 'backups');
	const coming = page.waitForEvent('download');

	await row(page, 'before-move').getByRole('link', { name: /^Download/ }).click();
	const download = await coming;
	const got = readFileSync(await download.path());

	assert.equal(download.suggestedFilename(), (await names())[0]);
	assert.deepEqual(got, readFileSync(path.join(folder, download.suggestedFilename())));
	assert.match(execFileSync('gunzip', ['-c'], { input: got, maxBuffer: 2 ** 28 }).subarray(0, 15).toString(), /^SQLite format 3$/);
});

withPage('a restore asks for the name, brings the figures back, and says what it did', {}, async page => {
	const pier = await location('pier_a');
	const before = await asAdmin('GET', '/api/data/daily-usage?start_date=2025-05-01&end_date=2025-05-31');
	const file = (await names())[0];

	await asAdmin('POST', '/api/data/daily-usage', { date: '2025-05-30', location_id: pier, usage_gb: 333 });
	await visit(page, 'backups');
	const open = () => row(page, file).getByRole('button', { name: /^Restore/ }).click();
	const dialog = page.getByRole('dialog');

	await open();
	await dialog.getByText('What was entered since is taken out').waitFor();
	await dialog.getByRole('button', { name: 'Restore' }).click();
	await dialog.getByText('This is not the name of the backup').waitFor();
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	await open();
	await dialog.getByLabel('Type the name of the backup to go on').fill(file);
	await page.keyboard.press('Enter');
	await page.waitForURL(/job=\d+/);
	await work(page).getByText(`The figures are those of ${file} again`).waitFor();
	await work(page).getByText('1 daily figure taken out').waitFor();
	await work(page).getByText(/^What was there before is kept in .*_before-restore/).waitFor();
	assert.deepEqual(await asAdmin('GET', '/api/data/daily-usage?start_date=2025-05-01&end_date=2025-05-31'), before);
	await visit(page, 'audit');
	await page.getByText(`brought back the data of ${file}`).waitFor();
	await page.getByText(`downloaded the backup ${file}`).first().waitFor();
});

withPage('a backup goes after a question, and the nightly check is told', {}, async page => {
	await run(path.join(process.env.BIN, 'dum-verify'), ['--config', process.env.DUM_CONF]).catch(() => {});
	await visit(page, 'backups');
	await page.getByText(/^The last nightly check, .* found/).waitFor();
	await row(page, '_before-move').getByRole('button', { name: /^Delete/ }).click();
	await page.getByRole('dialog').getByText('will be gone for good').waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
	await row(page, '_before-move').getByRole('button', { name: /^Delete/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await status(page, /_before-move\.db\.gz is deleted/);
	await row(page, '_before-move').waitFor({ state: 'detached' });
	assert.ok(!(await names()).some(name => name.includes('before-move')));
});

test('backups are for administrators', async () => {
	const { page, problems, close } = await open({ storage: await addUser('edda', 'editor') });

	await visit(page, 'backups');
	await page.getByText('This page is for administrators').waitFor();
	assert.deepEqual(problems, []);
	await close();
});

// Users and keys, what a limited viewer sees of it all, and what the audit trail
// says afterwards.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ADMIN, cells, logIn, open, PASSWORD, run, settled, url, visit, withPage } from './browser.mjs';

const certificate = path.join(path.dirname(process.env.DUM_CONF), 'tls/cert.pem');

withPage('a viewer is added who sees one location', { refused: [400, 409] }, async page => {
	await visit(page, 'users');
	await page.getByLabel('User name').fill(ADMIN);
	await page.locator('#user-password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByText('taken').waitFor();
	assert.equal(await page.getByLabel('User name').inputValue(), ADMIN, 'what was typed stays');
	await page.getByLabel('User name').fill('vera');
	await page.getByRole('radio', { name: 'Only some' }).check();
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByText('Choose at least one location').waitFor();
	await page.getByRole('checkbox', { name: 'Harbour', exact: true }).check();
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('status').getByText('vera can log in now').waitFor();
	const row = page.locator('tbody tr', { hasText: 'vera' });
	assert.match(await row.textContent(), /Viewer.*Harbour.*Off.*Never.*Active/);
});

test('a limited viewer sees its location alone, and nothing to change it by', async () => {
	const { page, problems, close } = await open({ storage: await logIn('vera') });

	assert.deepEqual((await cells(page, 'locations', 1)).flat(), ['Harbour']);
	assert.equal(await page.getByRole('button', { name: /Rename|Deactivate|Add/ }).count(), 0);
	const days = await cells(page, 'days', 2);
	assert.ok(days.length > 0);
	assert.ok(days.every(([, location]) => location === 'Harbour'));
	assert.equal(await page.getByRole('button', { name: /Correct|Delete|Save/ }).count(), 0);
	await visit(page, '');
	assert.deepEqual(await page.locator('.largest-name').allTextContents(), ['Harbour']);
	assert.equal(await page.getByRole('region', { name: 'Active locations' }).locator('.figure').textContent(), '1');
	await page.getByRole('button', { name: 'vera: menu' }).click();
	assert.deepEqual(await page.getByRole('navigation', { name: 'Account and administration' }).getByRole('link').allTextContents(),
		['Your account']);
	await visit(page, 'users');
	await page.getByText('This page is for administrators').waitFor();
	await visit(page, 'account');
	await page.getByText('Locations: Harbour.').waitFor();
	assert.deepEqual(problems, []);
	await close();
});

withPage('a role is changed, an account disabled, enabled and deleted', {}, async page => {
	await visit(page, 'users');
	await page.getByRole('link', { name: 'vera', exact: true }).click();
	await page.getByRole('heading', { name: 'vera', exact: true }).waitFor();
	await page.getByRole('radio', { name: 'Editor' }).check();
	await page.getByRole('radio', { name: 'All, also' }).check();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('status').getByText('vera: saved').waitFor();
	const editor = await open({ storage: await logIn('vera'), refused: [401] });
	await visit(editor.page, 'days');
	await editor.page.getByRole('button', { name: 'Save' }).waitFor();

	await page.getByRole('button', { name: 'Disable' }).click();
	await page.getByRole('dialog').getByText('can not log in until you enable').waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
	await page.getByText('State: disabled').waitFor();
	await editor.page.getByRole('link', { name: 'Locations' }).click();
	await editor.page.getByText('what you typed is still there').waitFor();
	assert.deepEqual(editor.problems, []);
	await editor.close();

	await page.getByRole('button', { name: 'Enable' }).click();
	await page.getByText('State: active').waitFor();
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	await page.getByRole('dialog').getByText('The figures that vera entered stay').waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('status').getByText('vera was deleted').waitFor();
	await page.waitForFunction(() => !document.querySelector('tbody')?.textContent.includes('vera'));
	assert.equal(new URL(page.url()).hash, '#/users');
});

withPage('the last administrator stays one', { refused: [409] }, async page => {
	await visit(page, 'users');
	await page.getByRole('link', { name: ADMIN, exact: true }).click();
	await page.getByText('This is you').waitFor();
	assert.equal(await page.getByRole('button', { name: /^(Disable|Delete)$/ }).count(), 0);
	await page.getByRole('radio', { name: 'Viewer' }).check();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('form .field-error').waitFor();
	await page.getByRole('button', { name: `${ADMIN}: menu` }).waitFor();
});

// Runs a command that the page shows, as a person would who copies it.
function inShell(command, folder) {
	return run('sh', ['-c', `${command} -s`], { cwd: folder, env: { ...process.env, CURL_CA_BUNDLE: certificate } });
}

withPage('a key is shown once, works by the command beside it, and not after it was revoked', { refused: [400] }, async page => {
	await visit(page, 'keys');
	await page.getByText('No program has a key yet').waitFor();
	await page.getByLabel('Name', { exact: true }).fill('Harbour display');
	await page.getByRole('radio', { name: 'Only some' }).check();
	await page.getByRole('checkbox', { name: 'Harbour', exact: true }).check();
	await page.getByLabel('Expires').selectOption({ label: 'In 30 days' });
	await page.getByRole('button', { name: 'Make the key' }).click();
	await page.getByText('It is shown this once only').waitFor();
	const [key, line, command] = await page.locator('.copy-box code').allTextContents();
	const folder = await mkdtemp(path.join(path.dirname(process.env.DUM_CONF), 'key-'));

	await page.getByRole('button', { name: 'Copy: The key' }).click();
	await page.getByRole('status').getByText('copied').waitFor();
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
	await writeFile(path.join(folder, 'key.txt'), line, { mode: 0o600 });
	const { stdout } = await inShell(command, folder);
	assert.deepEqual(JSON.parse(stdout).map(location => location.display_name), ['Harbour']);

	await page.getByRole('button', { name: 'I have it' }).click();
	assert.ok(!(await page.content()).includes(key));
	await settled(page);
	const row = page.locator('tbody tr', { hasText: 'Harbour display' });
	assert.match(await row.textContent(), new RegExp(`dum_.*Read.*Harbour.*by ${ADMIN}.*Valid`));
	await visit(page, 'keys');
	assert.doesNotMatch(await row.locator('[data-label="Last used"]').textContent(), /Never/);
	await row.getByRole('button', { name: 'Revoke Harbour display' }).click();
	await page.getByRole('dialog').getByText('refused from this moment on').waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
	await page.getByRole('status').getByText('does not work any more').waitFor();
	await row.getByText(/^Revoked/).waitFor();
	assert.equal(JSON.parse((await inShell(command, folder)).stdout).status, 401);
});

withPage('a key that may do nothing is not made', {}, async page => {
	await visit(page, 'keys');
	await page.getByLabel('Name', { exact: true }).fill('Nothing');
	await page.getByRole('checkbox', { name: 'Read' }).uncheck();
	await page.getByRole('button', { name: 'Make the key' }).click();
	await page.getByText('Choose at least one.').waitFor();
});

// What the trail says, newest first.
async function trail(page, view) {
	return (await cells(page, view, 3)).map(([, who, what]) => `${who.replace(/\s+/g, ' ')} ${what.replace(/\s+/g, ' ')}`);
}

withPage('the audit trail tells what happened, by whom, and from what to what', {}, async page => {
	const all = await trail(page, 'audit');
	const has = pattern => assert.ok(all.some(line => pattern.test(line)), `${pattern}\n${all.join('\n')}`);

	has(new RegExp(`^${ADMIN} 127\\.0\\.0\\.1 revoked the key`));
	has(new RegExp(`^${ADMIN} 127\\.0\\.0\\.1 deleted the user vera`));
	has(/changed the user vera.*Role: Viewer → Editor/);
	has(/^vera 127\.0\.0\.1 logged in/);
	const failed = await trail(page, 'audit?kind=event&op=login_failed');
	assert.ok(failed.length > 0 && failed.every(line => /failed to log in|gave a wrong password/.test(line)), failed.join('\n'));

	await page.getByLabel('Who').selectOption({ label: ADMIN });
	await page.getByLabel('What').selectOption({ label: 'Daily figures' });
	await settled(page);
	const figures = await page.$$eval('tbody tr', rows => rows.map(row => row.textContent));
	assert.ok(figures.some(text => /Gigabytes: 12\.5 → 7\.125/.test(text.replace(/\s+/g, ' '))), figures.join('\n'));
	const text = (await trail(page, 'audit')).join('\n');
	for (const code of ['user:', 'usage_bytes', 'daily_usage', 'location_id', 'api_keys', 'totp', '_used', 'true', 'null'])
		assert.ok(!text.includes(code), `${code}\n${text}`);
});

withPage('the trail goes back by the page, without a gap', {}, async page => {
	await visit(page, 'audit');
	const ids = new Set();
	let last = Infinity;

	page.on('response', async response => {
		if (!response.url().includes('/api/audit'))
			return;
		for (const { id } of (await response.json()).data) {
			assert.ok(id < last || ids.has(id));
			ids.add(id);
			last = id;
		}
	});
	await page.reload();
	await settled(page);
	const older = page.getByRole('link', { name: 'Older' });
	while (await older.count()) {
		// The page before stays until the next one is here.
		await Promise.all([page.waitForResponse(/\/api\/audit/), older.click()]);
		await settled(page);
	}
	assert.equal(Math.min(...ids), 1);
	assert.equal(ids.size, Math.max(...ids), 'every entry from the first on');
	await page.getByRole('link', { name: 'Newest' }).click();
	await settled(page);
	assert.ok(!page.url().includes('before='));
});

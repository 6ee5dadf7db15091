// The way in, with and without a second factor, out again, and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, ADMIN, fillLogin, logIn, menu, open, PASSWORD, refuseOnce, settled, url, visit, withPage } from './browser.mjs';
import { enrol } from './enrol.mjs';
import { codeOf } from './totp.mjs';

const NEXT = 'seven grey boats at anchor';

async function addUser(page, name, role) {
	await visit(page, 'users');
	await page.getByLabel('User name').fill(name);
	await page.locator('#user-password').fill(PASSWORD);
	await page.getByRole('radio', { name: role }).check();
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('status').getByText(`${name} can log in now`).waitFor();
}

withPage('without a session every address is the log-in, and leads on to where it was asked for', { nobody: true, refused: [401] }, async page => {
	const asked = [];

	page.on('request', request => asked.push(new URL(request.url()).pathname));
	await visit(page, 'days?start_date=2021-03-01');
	assert.equal(await page.title(), 'Log in · Data Usage Monitor');
	assert.equal(await page.getByRole('navigation').count(), 0);
	assert.deepEqual(asked.filter(path => path.startsWith('/api/')), ['/api/auth/session']);
	assert.equal(await page.evaluate(() => document.activeElement.id), 'login-name');
	for (const [id, autocomplete] of [['login-name', 'username'], ['login-password', 'current-password']])
		assert.equal(await page.locator(`#${id}`).getAttribute('autocomplete'), autocomplete);
	await fillLogin(page, ADMIN);
	await page.getByRole('heading', { name: 'Days', exact: true }).waitFor();
	assert.equal(await page.getByLabel('From').inputValue(), '2021-03-01');
	assert.equal(await page.title(), 'Days · Data Usage Monitor');
});

withPage('a wrong password is refused and what was typed stays; too many have to wait', { nobody: true, refused: [401, 429] }, async page => {
	await visit(page, '');
	await fillLogin(page, ADMIN, 'not the password');
	await page.locator('form .field-error').waitFor();
	assert.equal(await page.getByLabel('User name').inputValue(), ADMIN);
	const submit = page.locator('button[type=submit]');

	// Five cost nothing; the answer to each counts.
	while (await page.getByText('Too many attempts').count() === 0) {
		const answer = page.waitForResponse(/\/api\/auth\/login$/);

		await submit.click();
		await answer;
		await page.waitForFunction(() => !document.querySelector('button[type=submit]').textContent.includes('…'));
	}
	assert.match(await page.locator('.notice').textContent(), /You can try again in \d+ s/);
	assert.equal(await submit.isDisabled(), true);
	await page.locator('button[type=submit]:enabled').waitFor();
	await fillLogin(page, ADMIN);
	await page.getByRole('button', { name: `${ADMIN}: menu` }).waitFor();
});

withPage('a password is changed, and ends all other sessions', { refused: [401, 403] }, async page => {
	await addUser(page, 'pat', 'Viewer');
	const other = await open({ storage: await logIn('pat'), refused: [401] });
	const own = await open({ storage: await logIn('pat'), refused: [403, 503] });

	await visit(other.page, 'cycles');
	await visit(own.page, 'account');
	await own.page.getByText('this one').waitFor();
	assert.equal(await own.page.locator('tbody tr').count(), 2);
	await own.page.locator('#password-now').fill('not the password');
	await own.page.locator('#password-new').fill(NEXT);
	await own.page.getByRole('button', { name: 'Change the password' }).click();
	await own.page.locator('#password-now-error').waitFor();
	await own.page.locator('#password-now').fill(PASSWORD);
	await refuseOnce(own.page, '/api/auth/password');
	await own.page.getByRole('button', { name: 'Change the password' }).click();
	await own.page.getByRole('status').getByText('It is tried again in a moment').waitFor();
	await own.page.getByRole('status').getByText('The password was changed').waitFor();
	await own.page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
	await other.page.getByRole('link', { name: 'Locations' }).click();
	await other.page.getByText('what you typed is still there').waitFor();
	assert.deepEqual([...own.problems, ...other.problems], []);
	await own.close();
	await other.close();
	await logIn('pat', NEXT);
});

withPage('a log-in for which the server has no time just then goes on by itself', { nobody: true, refused: [401, 503] }, async page => {
	await visit(page, '');
	await refuseOnce(page, '/api/auth/login');
	await fillLogin(page, ADMIN);
	await page.getByRole('status').getByText('It is tried again in a moment').waitFor();
	await page.getByRole('button', { name: `${ADMIN}: menu` }).waitFor();
});

withPage('one session can be ended from another', {}, async page => {
	const other = await open({ storage: await logIn('pat', NEXT) });

	await visit(other.page, 'account');
	await logIn('pat', NEXT);
	await logIn('pat', NEXT);
	await visit(other.page, 'account');
	const rows = await other.page.locator('tbody tr').count();
	await other.page.getByRole('button', { name: /^End the session/ }).first().click();
	await other.page.waitForFunction(n => document.querySelectorAll('tbody tr').length === n, rows - 1);
	await other.page.getByRole('button', { name: 'Log out everywhere else' }).click();
	await other.page.getByRole('dialog').getByRole('button', { name: 'Log out there' }).click();
	await other.page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
	await other.close();
});

withPage('what was typed is still there after a session has ended and a new one begun', {}, async page => {
	await addUser(page, 'edith', 'Editor');
	await visit(page, 'locations');
	await page.getByLabel('Name in files').fill('pier');
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('status').getByText('Pier was added').waitFor();

	const edith = await open({ storage: await logIn('edith'), refused: [401] });
	await visit(edith.page, 'days');
	await edith.page.locator('#day-location').selectOption({ label: 'Pier' });
	await edith.page.locator('#day-amount').fill('3.25');
	await edith.page.locator('#day-date').fill('2019-05-06');
	await visit(page, 'users');
	await page.getByRole('link', { name: 'edith', exact: true }).click();
	await page.locator('#set-password').fill(NEXT);
	await page.getByRole('button', { name: 'Set the password' }).click();
	await page.getByRole('status').getByText('is logged out everywhere').waitFor();
	await edith.page.getByRole('button', { name: 'Save' }).click();
	await edith.page.getByText('what you typed is still there').waitFor();
	assert.equal(await edith.page.getByLabel('User name').inputValue(), 'edith');
	assert.equal(await edith.page.locator('#day-amount').isVisible(), false);
	await edith.page.locator('#login-password').fill(NEXT);
	await edith.page.keyboard.press('Enter');
	await edith.page.locator('#day-amount').waitFor();
	assert.equal(await edith.page.locator('#day-amount').inputValue(), '3.25');
	assert.equal(await edith.page.locator('#day-date').inputValue(), '2019-05-06');
	await edith.page.getByRole('button', { name: 'Save' }).click();
	await edith.page.getByRole('status').getByText('3.25 GB stored').waitFor();
	await visit(edith.page, 'days?end_date=2019-05-06');
	await edith.page.getByRole('button', { name: /^Delete Pier/ }).click();
	await edith.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await edith.page.getByText('There are no records').waitFor();
	assert.deepEqual(edith.problems, []);
	await edith.close();
});

test('a second factor is set up by its code, asked for at log-in, replaced by a recovery code, removed', async () => {
	const adminPage = await open({ storage: await admin() });
	await addUser(adminPage.page, 'felix', 'Viewer');
	assert.deepEqual(adminPage.problems, []);
	await adminPage.close();

	const { page, problems, close } = await open({ storage: await logIn('felix'), refused: [400, 401] });
	await visit(page, 'account');
	const { seed, codes } = await enrol(page);
	await page.getByRole('button', { name: 'Copy: Recovery codes' }).click();
	await page.getByRole('status').getByText('copied').waitFor();
	const copied = await page.evaluate(() => navigator.clipboard.readText());
	for (const code of codes)
		assert.ok(copied.includes(code));
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save as a file' }).click();
	assert.match((await download).suggestedFilename(), /recovery-codes\.txt$/);
	await page.getByRole('button', { name: 'I have kept them' }).click();
	await page.getByText('Logging in takes a code').waitFor();

	await menu(page, 'Log out');
	await fillLogin(page, 'felix');
	await page.locator('#login-code').waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.id), 'login-code');
	assert.equal(await page.locator('#login-code').getAttribute('autocomplete'), 'one-time-code');
	await page.locator('#login-code').fill('000000');
	await page.keyboard.press('Enter');
	await page.locator('#login-code-error').waitFor();
	await page.locator('#login-code').fill(codeOf(seed, 1));
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'felix: menu' }).waitFor();

	await menu(page, 'Log out');
	await fillLogin(page, 'felix');
	await page.getByRole('button', { name: /use a recovery code/ }).click();
	await page.getByLabel('Recovery code').fill(codes[0]);
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'felix: menu' }).waitFor();

	await visit(page, 'account');
	await page.getByText('Remove it, or set up another app').click();
	await page.locator('#totp-remove-password').fill(PASSWORD);
	await page.locator('#totp-remove-code').fill(codes[1]);
	await page.getByRole('button', { name: 'Remove the second factor' }).click();
	await page.getByRole('status').getByText('The second factor was removed').waitFor();
	await page.locator('#totp-password').waitFor();
	assert.deepEqual(problems, []);
	await close();
});

test('after logging out nothing of before is left, not by the back button either', async () => {
	const { page, problems, close } = await open({ storage: await logIn('edith', NEXT), refused: [401] });

	await visit(page, 'locations');
	await page.getByRole('rowheader', { name: 'Pier' }).waitFor();
	await page.getByRole('button', { name: 'Dark colours' }).click();
	await page.getByRole('link', { name: 'Days', exact: true }).click();
	await settled(page);
	await menu(page, 'Log out');
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	assert.doesNotMatch(await page.content(), /Pier/);
	await page.goBack();
	await page.waitForURL(/#\/locations$/);
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	assert.doesNotMatch(await page.content(), /Pier/);
	assert.equal((await page.request.get(`${url}api/data/locations`)).status(), 401);
	assert.deepEqual((await page.context().cookies()).filter(cookie => cookie.name === '__Host-dum'), []);
	await page.reload();
	await page.getByRole('heading', { name: 'Log in' }).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'how it looks is no secret');
	assert.deepEqual(problems, []);
	await close();
});

test('logging out in one tab empties the other', async () => {
	const { page, problems, close } = await open({ storage: await logIn('edith', NEXT), refused: [401] });
	const other = await page.context().newPage();

	await visit(other, 'locations');
	await other.getByRole('rowheader', { name: 'Pier' }).waitFor();
	await visit(page, '');
	await menu(page, 'Log out');
	await other.getByRole('heading', { name: 'Log in' }).waitFor();
	assert.doesNotMatch(await other.content(), /Pier/);
	assert.deepEqual(problems, []);
	await close();
});

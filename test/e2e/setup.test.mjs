// The first start: the set-up link, and an administrator who has to take a
// second factor.
import assert from 'node:assert/strict';
import { ADMIN, keepAdmin, PASSWORD, refuseOnce, setupLink, url, visit, withPage } from './browser.mjs';
import { enrol } from './enrol.mjs';

withPage('whoever opens the set-up link becomes the first administrator, and is in', { nobody: true, refused: [400, 401, 503] }, async page => {
	const link = setupLink();

	await page.goto(link);
	await page.getByRole('heading', { name: 'Set-up' }).waitFor();
	assert.equal(await page.title(), 'Set-up · Data Usage Monitor');
	assert.equal(page.url(), `${url}#/setup`, 'the token has left the address bar');
	await page.getByText('12 to 128 characters').waitFor();
	await page.getByLabel('User name').fill(ADMIN);
	await page.locator('#setup-password').fill('short');
	await page.getByText('7 more characters needed').waitFor();
	await page.getByRole('button', { name: 'Show: Password' }).click();
	assert.equal(await page.locator('#setup-password').getAttribute('type'), 'text');
	await page.locator('#setup-password').fill(`${ADMIN}12345`);
	await page.getByText('Too close to the user name').waitFor();
	// One that only the server knows to be common.
	await page.locator('#setup-password').fill('passwordpassword');
	await page.getByRole('button', { name: 'Make the account' }).click();
	await page.locator('#setup-password-error').waitFor();
	await page.locator('#setup-password').fill(PASSWORD);
	await refuseOnce(page, '/api/auth/setup');
	await page.getByRole('button', { name: 'Make the account' }).click();
	await page.getByRole('status').getByText('It is tried again in a moment').waitFor();
	await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
	await page.getByRole('button', { name: `${ADMIN}: menu` }).waitFor();
	await keepAdmin(page);
	assert.equal(page.url(), `${url}#/`);
});

withPage('the set-up link works once', { nobody: true, refused: [401, 409] }, async page => {
	await page.goto(`${url}#/setup/${'A'.repeat(43)}`);
	await page.getByLabel('User name').fill('mallory');
	await page.locator('#setup-password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Make the account' }).click();
	await page.getByText('has an administrator already').waitFor();
	await visit(page, 'setup');
	await page.getByText('The set-up link is not complete').waitFor();
});

withPage('an administrator who needs a second factor is led to it, and nowhere else', { nobody: true, refused: [400, 401] }, async page => {
	const strict = process.env.DUM_STRICT_URL;

	await page.goto(process.env.DUM_STRICT_LINK);
	await page.getByLabel('User name').fill(ADMIN);
	await page.locator('#setup-password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Make the account' }).click();
	await page.getByText('need a second factor').waitFor();
	for (const view of ['', 'users', 'days']) {
		await visit(page, view, strict);
		await page.getByText('need a second factor').waitFor();
		assert.equal(await page.getByRole('navigation', { name: 'Views' }).count(), 0);
	}
	await enrol(page);
	await page.getByRole('button', { name: 'I have kept them' }).click();
	await page.getByRole('heading', { name: 'Days', exact: true }).waitFor();
	await page.getByRole('navigation', { name: 'Views' }).waitFor();
});

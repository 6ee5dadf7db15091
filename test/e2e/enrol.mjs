// Setting a second factor up, as a person with an app does it.
import assert from 'node:assert/strict';
import { PASSWORD } from './browser.mjs';
import { codeOf } from './totp.mjs';

// Back with what was shown, before it is said to be kept.
export async function enrol(page) {
	await page.locator('#totp-password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Set up', exact: true }).click();
	await page.getByRole('img', { name: /^QR code/ }).waitFor();
	const seed = (await page.locator('.seed code').textContent()).replaceAll(' ', '');
	const uri = new URL(await page.getByRole('link', { name: 'open it on this device' }).getAttribute('href'));

	assert.equal(uri.searchParams.get('secret'), seed);
	await page.locator('#totp-code').fill('000000');
	await page.getByRole('button', { name: 'Confirm' }).click();
	await page.locator('#totp-code-error').waitFor();
	await page.locator('#totp-code').fill(codeOf(seed));
	await page.getByRole('button', { name: 'Confirm' }).click();
	await page.getByText('They are shown this once only').waitFor();
	const codes = await page.locator('.codes code').allTextContents();

	assert.equal(new Set(codes).size, 10);
	return { seed, codes };
}

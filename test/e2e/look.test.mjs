// Every view in light and dark, on a desk and on a phone: nothing runs off the
// side, nothing is too small for a finger, and axe finds no fault.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { settled, url, visit, withPage } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const INSIDE = ['', 'locations', 'cycles', 'cycles?location_id=1', 'days', 'enter', 'import', 'account', 'users', 'users?user=1', 'keys',
	'billing-cycle', 'backups', 'audit', 'nowhere'];
const FINGER = 44;

// What a finger has to hit and is not high enough; links within text apart.
function smallTargets(page) {
	return page.$$eval('button, .button, nav a, input, select, summary', (all, least) => all.filter(el => {
		const target = el.closest('label') ?? el;

		return el.getClientRects().length && target.getBoundingClientRect().height < least - 0.5;
	}).map(el => el.outerHTML.slice(0, 120)), FINGER);
}

async function faults(page) {
	await page.evaluate(axe);
	// The size of targets is looked at above, more strictly.
	const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		rules: { 'target-size': { enabled: false } },
	}));

	return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`);
}

async function look(page, view, { scheme, thorough }) {
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view} runs off the side`);
	assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), scheme);
	assert.deepEqual(await smallTargets(page), [], view);
	if (thorough)
		assert.deepEqual(await faults(page), [], view);
}

for (const scheme of ['light', 'dark']) {
	for (const width of [1280, 390]) {
		// axe takes its time: once for each scheme and for each width.
		const thorough = (width === 390) === (scheme === 'dark');
		const options = { width, height: width === 390 ? 844 : 900, scheme, thorough };

		withPage(`each view is in order at ${width} pixels, ${scheme}`, options, async page => {
			await visit(page, '');
			for (const view of INSIDE) {
				await page.evaluate(to => { location.hash = `#/${to}`; }, view);
				await settled(page);
				await look(page, view, options);
			}
			await page.getByRole('button', { name: /: menu$/ }).click();
			await look(page, 'the menu', options);
		});

		withPage(`what is under way is in order at ${width} pixels, ${scheme}`, { ...options, refused: [400] }, async page => {
			// Typed, emptied and unreadable cells, one of them open.
			await visit(page, 'enter?until=2025-06-14&days=7&find=quay');
			await page.getByRole('gridcell').first().click();
			for (const text of ['5', 'x', '7'])
				await page.keyboard.type(`${text}\n`);
			await page.keyboard.press('Delete');
			await page.keyboard.type('8');
			await look(page, 'typed cells', options);
			await page.keyboard.press('Escape');
			await page.getByRole('button', { name: 'Discard' }).click();
			// A preview that was refused, and one that was not.
			await visit(page, 'import');
			await page.getByText('More options').click();
			for (const value of ['-1', '2']) {
				await page.locator('#import-file').setInputFiles(
					{ name: 'look.csv', mimeType: 'text/csv', buffer: Buffer.from(`Date,quay_a,quay_b\n2025-06-14,${value},3\n`) });
				await page.getByRole('button', { name: 'Preview' }).click();
				await page.getByRole('heading', { name: value === '2' ? 'What the import will do' : 'This file can not' }).waitFor();
				await look(page, 'a preview', options);
			}
			await page.getByRole('region', { name: 'What was imported' }).getByRole('button', { name: /^Take back/ }).first().click();
			await look(page, 'a question', options);
			await visit(page, 'backups');
			await page.getByRole('button', { name: /^Restore/ }).first().click();
			await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
			await look(page, 'a restore', options);
		});

		withPage(`the ways in are in order at ${width} pixels, ${scheme}`, { ...options, nobody: true, refused: [401] }, async page => {
			await visit(page, '');
			await page.getByText('I can not log in').click();
			await look(page, 'log-in', options);
			await visit(page, 'setup/TOKEN');
			await look(page, 'set-up', options);
		});
	}
}

withPage('a change of view moves the focus to its heading and names it in the title', {}, async page => {
	await visit(page, '');
	for (const name of ['Locations', 'Cycles', 'Days']) {
		await page.getByRole('link', { name, exact: true }).first().click();
		await settled(page);
		assert.equal(await page.title(), `${name} · Data Usage Monitor`);
		assert.equal(await page.evaluate(() => document.activeElement.textContent), name);
	}
	assert.equal(page.url(), `${url}#/days`);
});

withPage('the menu opens by the keyboard, and Escape goes back to its button', {}, async page => {
	await visit(page, '');
	const button = page.getByRole('button', { name: /: menu$/ });

	await button.focus();
	await page.keyboard.press('Enter');
	assert.equal(await button.getAttribute('aria-expanded'), 'true');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Your account');
	await page.keyboard.press('Escape');
	assert.equal(await button.getAttribute('aria-expanded'), 'false');
	assert.equal(await button.evaluate(el => el === document.activeElement), true);
	await page.keyboard.press('Enter');
	for (let i = 0; i < 8; i++)
		await page.keyboard.press('Tab');
	assert.equal(await button.getAttribute('aria-expanded'), 'false', 'leaving closes it');
});

// The table in which days are entered, by keyboard and from the clipboard, and
// what becomes of it when somebody else is at it too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, asAdmin, location, open, settled, visit, withPage } from './browser.mjs';

// Days far from those of other tests.
const VIEW = 'enter?until=2025-06-14&days=7&find=quay';
const NORTH = 'quay_a', SOUTH = 'quay_b', WEST = 'quay_c';

async function locations() {
	const ids = [];

	for (const name of [NORTH, SOUTH, WEST])
		ids.push(await location(name));
	return ids;
}

// What is stored of those days: "2025-06-14 quay_a" -> gigabytes.
async function stored() {
	const records = await asAdmin('GET', '/api/data/daily-usage?start_date=2025-06-01&end_date=2025-06-30');

	return Object.fromEntries(records.filter(({ location_name: name }) => name.startsWith('quay'))
		.map(({ date, location_name: name, usage_gb: gb }) => [`${date} ${name}`, gb]));
}

const put = async (date, name, gb) =>
	asAdmin('POST', '/api/data/daily-usage', { date, location_id: await location(name), usage_gb: gb });

// Cells by their row (0: 8 June) and column (0: quay_a).
const cell = (page, row, column) => page.locator(`[role="row"][aria-rowindex="${row + 2}"] [role="gridcell"][aria-colindex="${column + 2}"]`);
const save = page => page.getByRole('button', { name: 'Save', exact: true }).click();
const status = (page, text) => page.getByRole('status').getByText(text).waitFor();

async function begin(page, row, column) {
	await visit(page, VIEW);
	await cell(page, row, column).click();
	await cell(page, row, column).and(page.locator(':focus')).waitFor();
}

// Figures side by side.
async function type(page, ...figures) {
	for (const text of figures) {
		await page.keyboard.type(text);
		await page.keyboard.press('Tab');
	}
}

async function paste(page, text) {
	await page.evaluate(block => navigator.clipboard.writeText(block), text);
	await page.keyboard.press('Control+V');
}

withPage('a row of locations is typed by the keyboard and stored by one request', {}, async page => {
	await locations();
	const sent = [];
	page.on('request', request => request.method() !== 'GET' && sent.push(request));
	await begin(page, 6, 0);
	await type(page, '1,5', '2.25', '0');
	await status(page, '3 cells not saved');
	assert.equal(await cell(page, 6, 0).locator('.grid-text').textContent(), '1.5');
	assert.match(await cell(page, 6, 1).textContent(), /2\.25, not saved/);
	assert.deepEqual(await stored(), {});
	await save(page);
	await status(page, '3 days stored');
	await status(page, 'Everything is saved');
	assert.equal(sent.length, 1);
	assert.equal(sent[0].postDataJSON().length, 3);
	assert.match(sent[0].headers()['idempotency-key'], /^[0-9a-f-]{36}$/);
	assert.deepEqual(await stored(), { '2025-06-14 quay_a': 1.5, '2025-06-14 quay_b': 2.25, '2025-06-14 quay_c': 0 });
	// Zero is a day without use, a dash one that nobody knows.
	assert.equal(await cell(page, 6, 2).textContent(), '0');
	assert.equal(await cell(page, 5, 2).textContent(), '–');
});

withPage('keys move as in a spreadsheet, Escape takes back and then leaves the table', {}, async page => {
	const focused = () => page.evaluate(() => {
		const at = document.activeElement;

		return `${at.parentElement.ariaRowIndex ?? at.parentElement.getAttribute('aria-rowindex')} ${at.getAttribute('aria-colindex')}`;
	});
	const press = async (keys, row, column) => {
		for (const key of keys.split(' '))
			await page.keyboard.press(key);
		assert.equal(await focused(), `${row + 2} ${column + 2}`, keys);
	};

	await begin(page, 2, 1);
	await press('ArrowUp ArrowRight', 1, 2);
	await press('Home', 1, 0);
	await press('Shift+Tab', 0, 2);
	await press('Tab', 1, 0);
	await press('Control+End', 6, 2);
	await press('Control+Home Enter Enter', 2, 0);
	await press('Shift+Enter End', 1, 2);
	await page.keyboard.type('77');
	await page.keyboard.press('Escape');
	assert.equal(await cell(page, 1, 2).textContent(), '–');
	assert.equal(await focused(), '3 4');
	await page.keyboard.type('12');
	await page.keyboard.press('Enter');
	await page.keyboard.press('F2');
	await page.keyboard.type('abc');
	await page.keyboard.press('Enter');
	await page.getByRole('region', { name: '1 cell can not be saved' }).getByText('“abc”').waitFor();
	assert.equal(await cell(page, 2, 2).getAttribute('aria-invalid'), 'true');
	await save(page);
	await page.getByText('Some cells can not be read').waitFor();
	await page.getByRole('button', { name: 'Quay C, 10 Jun 2025' }).click();
	assert.equal(await focused(), '4 4');
	await page.keyboard.press('Control+Z');
	await page.keyboard.press('Control+Z');
	await status(page, 'Everything is saved');
	await page.keyboard.type('5');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Save');
	await page.getByRole('button', { name: 'Discard' }).click();
});

// Is the whole of the cell with the focus to be seen, with nothing over it?
const inView = page => page.evaluate(() => {
	const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
	const seen = (x, y) => document.activeElement.contains(document.elementFromPoint(x, y));

	return [[left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2]].every(([x, y]) => seen(x, y));
});

for (const [width, height] of [[1280, 900], [1280, 720], [390, 844]])
	withPage(`the cell with the focus is in sight wherever keys lead, ${width}x${height}`, { width, height }, async page => {
		await locations();
		await visit(page, 'enter?until=2025-06-14&days=14&find=quay');
		await cell(page, 0, 0).click();
		for (let row = 1; row <= 13; row++) {
			await page.keyboard.press('ArrowDown');
			assert.ok(await inView(page), `down to row ${row}`);
		}
		// What is typed brings up the bar to save by.
		await page.keyboard.type('8');
		await page.keyboard.press('ArrowUp');
		await status(page, '1 cell not saved');
		for (const key of ['ArrowDown', 'End', 'PageUp', 'ArrowLeft', 'Control+Home', 'Control+End', 'Home']) {
			await page.keyboard.press(key);
			assert.ok(await inView(page), key);
		}
		await page.getByRole('button', { name: 'Discard' }).click();
	});

withPage('a block from a spreadsheet lands in the cells, and what can not be read is named', {}, async page => {
	await begin(page, 0, 0);
	await paste(page, '1.234,5\t2,5\t\r\n7\t"0,125"\t3\r\n');
	await status(page, '5 cells pasted');
	assert.equal(await cell(page, 0, 0).locator('.grid-text').textContent(), '1\u202f234.5');
	assert.equal(await cell(page, 0, 2).textContent(), '–', 'a gap leaves the day as it is');
	await page.keyboard.press('Control+Z');
	await paste(page, '1\t2\t3\t4');
	await page.getByText('The block has 4 columns; from here on there are 3. Nothing was pasted.').waitFor();
	await status(page, 'Everything is saved');
	await paste(page, '8\t-1\tn/a');
	await page.getByRole('heading', { name: '2 cells can not be saved' }).waitFor();
	const told = await page.locator('.notice li').allTextContents();
	assert.match(told[0], /Quay B, 8 Jun 2025: “-1”. Less than zero/);
	assert.match(told[1], /Quay C, 8 Jun 2025: “n\/a”. This is not a number/);
	await page.getByRole('button', { name: 'Discard' }).click();
});

withPage('what is in a cell that is open is kept when a block is pasted, the view is left, or the page', {}, async page => {
	const goTo = hash => page.evaluate(to => { location.hash = to; }, hash);

	await begin(page, 0, 0);
	await page.keyboard.press('F2');
	await page.keyboard.type('12');
	await paste(page, '1\t2\n3\t4');
	await status(page, '4 cells pasted');
	await status(page, '4 cells not saved');
	assert.equal(await cell(page, 0, 0).locator('.grid-text').textContent(), '1', 'the block lies over it');
	await cell(page, 0, 0).and(page.locator(':focus')).waitFor();
	await page.keyboard.press('Control+Z');
	await page.keyboard.press('Control+Z');
	await status(page, 'Everything is saved');
	await page.keyboard.type('9.5');
	await goTo('#/cycles');
	await page.getByRole('heading', { name: 'Cycles', exact: true }).waitFor();
	await goTo(`#/${VIEW}`);
	await status(page, '1 cell not saved');
	assert.equal(await cell(page, 0, 0).locator('.grid-text').textContent(), '9.5');
	// Other days: the cell that was open is not the one that takes its place.
	await cell(page, 3, 1).click();
	await page.keyboard.type('7');
	await goTo(`#/${VIEW.replace('06-14', '06-12')}`);
	await status(page, '2 cells not saved');
	assert.equal(await cell(page, 5, 1).locator('.grid-text').textContent(), '7');
	await page.getByRole('button', { name: 'Discard' }).click();
	await cell(page, 3, 1).click();
	await page.keyboard.type('6');
	assert.equal(await page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true }))), false, 'the browser asks');
	await page.keyboard.press('Escape');
	assert.equal(await page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true }))), true);
});

withPage('an emptied cell is unknown again: its record goes', {}, async page => {
	await put('2025-06-09', NORTH, 4);
	await put('2025-06-09', SOUTH, 6);
	await begin(page, 1, 0);
	await page.keyboard.press('Delete');
	await status(page, '1 cell not saved');
	await page.keyboard.press('ArrowRight');
	await page.keyboard.type('6.5\n');
	await save(page);
	await status(page, '1 day stored, 1 day deleted');
	const now = await stored();
	assert.equal(now['2025-06-09 quay_a'], undefined);
	assert.equal(now['2025-06-09 quay_b'], 6.5);
});

withPage('what the server refuses is told at its cell, and nothing is stored', { refused: [400] }, async page => {
	const before = await stored();

	await begin(page, 3, 0);
	await type(page, '3', '20000', '4');
	await save(page);
	await page.getByRole('region', { name: '1 cell can not be saved' }).getByText(/Quay B, 11 Jun 2025.*20000.*from 0 to 10000/).waitFor();
	assert.equal(await cell(page, 3, 1).getAttribute('aria-invalid'), 'true');
	assert.equal(await cell(page, 3, 0).getAttribute('aria-invalid'), null);
	assert.deepEqual(await stored(), before);
	await page.getByRole('button', { name: 'Discard' }).click();
});

withPage('what somebody else changed meanwhile is shown beside it before anything is stored', {}, async page => {
	await put('2025-06-12', NORTH, 10);
	await put('2025-06-12', SOUTH, 20);
	await begin(page, 4, 0);
	await type(page, '11', '21', '31');
	await put('2025-06-12', NORTH, 12);
	await put('2025-06-12', SOUTH, 22);
	await save(page);
	await page.getByRole('heading', { name: 'Somebody else changed 2 of these days' }).and(page.locator(':focus')).waitFor();
	const rows = await page.$$eval('.notice tbody tr', all => all.map(row => [...row.children].slice(0, 4).map(one => one.textContent)));
	assert.deepEqual(rows, [['Quay A, 12 Jun 2025', '10 GB', '12 GB', '11 GB'], ['Quay B, 12 Jun 2025', '20 GB', '22 GB', '21 GB']]);
	assert.equal((await stored())['2025-06-12 quay_c'], undefined);
	await page.getByRole('button', { name: 'Leave Quay A, 12 Jun 2025' }).click();
	await page.getByRole('button', { name: 'Take mine for Quay B, 12 Jun 2025' }).click();
	await save(page);
	await status(page, '2 days stored');
	const now = await stored();
	assert.deepEqual([NORTH, SOUTH, WEST].map(name => now[`2025-06-12 ${name}`]), [12, 21, 31]);
});

withPage('a record that is changed between look and change is refused by the server', { refused: [412] }, async page => {
	await put('2025-06-13', NORTH, 40);
	await begin(page, 5, 0);
	// Right after the page has read the record, somebody else changes it.
	await page.route(/daily-usage\/\d+$/, async route => {
		if (route.request().method() !== 'GET' || (await stored())['2025-06-13 quay_a'] !== 40) {
			await route.continue();
			return;
		}
		const answer = await route.fetch();
		await put('2025-06-13', NORTH, 41);
		await route.fulfill({ response: answer });
	});
	await page.keyboard.type('42\n');
	await save(page);
	await page.getByRole('heading', { name: 'Somebody else changed 1 of these days' }).waitFor();
	assert.match(await page.locator('.notice tbody tr').textContent(), /40 GB41 GB42 GB/);
	assert.equal((await stored())['2025-06-13 quay_a'], 41);
	await page.getByRole('button', { name: /Take mine/ }).click();
	await save(page);
	await status(page, '1 day stored');
	assert.equal((await stored())['2025-06-13 quay_a'], 42);
});

test('an answer that got lost does nothing twice, and what was typed is still there', async () => {
	const { page, close } = await open({ storage: await addUser('edda', 'editor') });

	await begin(page, 3, 0);
	await type(page, '3', '4');
	// The server stores it; its answer does not arrive.
	await page.route('**/api/data/daily-usage', async route => {
		if (route.request().method() === 'POST') {
			await route.fetch();
			await route.abort();
		} else {
			await route.continue();
		}
	});
	await save(page);
	await page.getByText('The server can not be reached').waitFor();
	await page.unroute('**/api/data/daily-usage');
	await page.getByRole('link', { name: 'Overview' }).click();
	await settled(page);
	await page.goBack();
	await status(page, '2 cells not saved');
	await save(page);
	await status(page, '2 days stored');
	const now = await stored();
	assert.deepEqual([now['2025-06-11 quay_a'], now['2025-06-11 quay_b']], [3, 4]);
	const trail = await asAdmin('GET', '/api/audit?actor=user:edda&table=daily_usage');
	assert.equal(trail.data.length, 1, 'stored once');
	await close();
});

withPage('a thousand locations leave few cells on the page, and the last one is a key away', {}, async page => {
	const many = Array.from({ length: 1000 }, (_, i) => ({ id: i + 1, name: `l${i + 1}`, display_name: `Line ${i + 1}`, is_active: true }));

	await page.route('**/api/data/locations?*', route => route.fulfill({ json: many }));
	await page.route('**/api/data/daily-usage?*', route => route.fulfill({
		json: many.flatMap(({ id }) => Array.from({ length: 14 }, (_, i) =>
			({ id: id * 100 + i, date: `2025-06-${String(i + 1).padStart(2, '0')}`, location_id: id, usage_gb: id + i / 100 }))) }));
	await visit(page, 'enter?until=2025-06-14');
	assert.equal(await page.getByRole('grid').getAttribute('aria-colcount'), '1001');
	await cell(page, 13, 0).focus();
	await page.keyboard.press('End');
	await cell(page, 13, 999).and(page.locator(':focus')).waitFor();
	assert.equal(await cell(page, 13, 999).textContent(), '1\u202f000.13');
	await page.keyboard.type('7\n');
	await page.keyboard.press('ArrowUp');
	assert.match(await cell(page, 13, 999).textContent(), /^7, not saved/);
	await page.keyboard.press('Control+Home');
	await cell(page, 0, 0).and(page.locator(':focus')).waitFor();
	assert.ok(await page.getByRole('gridcell').count() < 400);
	await page.getByRole('button', { name: 'Discard' }).click();
});

withPage('the days on the page go into a file that names them', {}, async page => {
	await visit(page, VIEW);
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download these days as CSV' }).click()]);
	const text = await new Response(await file.createReadStream()).text();
	const lines = text.trim().split('\n');

	assert.equal(file.suggestedFilename(), 'days-2025-06-08-2025-06-14.csv');
	assert.equal(lines[0], 'Date,quay_a,quay_b,quay_c');
	assert.equal(lines.length, 8);
	assert.equal(lines[7], '2025-06-14,1.5,2.25,0');
});

test('an editor of one location has its column alone, a viewer has no table', async () => {
	const [north] = await locations();
	const editor = await open({ storage: await addUser('quentin', 'editor', [north]) });

	await visit(editor.page, 'enter?until=2025-06-14&days=7');
	assert.deepEqual(await editor.page.getByRole('columnheader').allTextContents(), ['Day', 'Quay A']);
	assert.deepEqual(editor.problems, []);
	await editor.close();
	const viewer = await open({ storage: await addUser('vincent', 'viewer') });

	await visit(viewer.page, '');
	assert.deepEqual(await viewer.page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents(),
		['Overview', 'Locations', 'Cycles', 'Days']);
	for (const view of ['enter', 'import']) {
		await visit(viewer.page, view);
		await viewer.page.getByText('This page is for those who may change figures').waitFor();
	}
	await visit(viewer.page, 'billing-cycle');
	await viewer.page.getByText('This page is for administrators').waitFor();
	await visit(viewer.page, 'days');
	assert.equal(await viewer.page.getByRole('link', { name: 'Enter many' }).count(), 0);
	assert.deepEqual(viewer.problems, []);
	await viewer.close();
});

// A browser with its console listened to, who is logged in in it, and
// independent sums of the files that the tests import.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, request } from 'playwright-core';

export const url = process.env.DUM_URL;
export const run = promisify(execFile);
export const PASSWORD = 'six grey boats at anchor';
export const ADMIN = 'harriet';

// Others may use the machine; a test that fails takes this long to say so.
const PATIENCE_MS = 20000;

const data = path.join(path.dirname(fileURLToPath(import.meta.url)), '../data');
const folder = path.dirname(process.env.DUM_CONF);
const adminFile = path.join(folder, 'browser-admin.json');

// One browser for all tests.
let browser;

before(async () => {
	browser = await chromium.launch({
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
});
after(() => browser.close());

function newContext({ width = 1280, height = 900, scheme = 'light', storage }) {
	return browser.newContext({
		ignoreHTTPSErrors: true,
		viewport: { width, height },
		colorScheme: scheme,
		locale: 'en-GB',
		storageState: storage,
		permissions: ['clipboard-read', 'clipboard-write'],
	});
}

// problems: everything that the console or the page complains of, CSP included,
// but for answers with a status in refused, which Chromium tells as errors.
function listen(page, refused) {
	const problems = [];
	const expected = text => refused.some(status => text.includes(`responded with a status of ${status} `));

	page.setDefaultTimeout(PATIENCE_MS);
	page.on('console', message => {
		if (['error', 'warning'].includes(message.type()) && !expected(message.text()))
			problems.push(message.text());
	});
	page.on('pageerror', error => problems.push(error.message));
	return problems;
}

// A page that shares nothing with others. storage: who is logged in, as admin()
// and logIn() give it.
export async function open({ refused = [], ...options } = {}) {
	const context = await newContext(options);
	const page = await context.newPage();

	return { page, problems: listen(page, refused), close: () => context.close() };
}

// The admin's pages share cookies and caches, as those of a person do.
const shared = new Map();

async function adminContext({ width, height, scheme }) {
	const key = `${width} ${scheme}`;

	if (!shared.has(key))
		shared.set(key, await newContext({ width, height, scheme, storage: await admin() }));
	return shared.get(key);
}

async function openShared({ refused = [], ...options }) {
	const page = await (await adminContext(options)).newPage();

	return { page, problems: listen(page, refused), close: () => page.close() };
}

// A test with a page whose console must stay silent. Seen by the admin, or by
// nobody where options say so.
export function withPage(name, { nobody = false, ...options }, body) {
	test(name, async () => {
		const { page, problems, close } = await (nobody ? open(options) : openShared(options));

		try {
			await body(page);
			assert.deepEqual(problems, []);
		} finally {
			await close();
		}
	});
}

// From a blank page, so that each view loads anew; back when its data is there.
export async function visit(page, view, base = url) {
	await page.goto('about:blank');
	await page.goto(`${base}#/${view}`);
	await settled(page);
}

export async function settled(page) {
	await page.locator('main h1').waitFor();
	await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .waiting'));
}

// The address that opens an empty service to its first administrator.
export function setupLink() {
	return readFileSync(path.join(folder, 'setup-link'), 'utf8').trim();
}

// The next request to a path is refused as by a server that has no time for a
// password just then.
export function refuseOnce(page, path) {
	return page.route(`**${path}`, route => route.fulfill({
		status: 503,
		headers: { 'Retry-After': '1' },
		contentType: 'application/problem+json',
		body: JSON.stringify({ status: 503, title: 'Service Unavailable', detail: 'The server is busy; try again in a moment.' }),
	}), { times: 1 });
}

export async function fillLogin(page, name, password = PASSWORD) {
	await page.getByLabel('User name').fill(name);
	await page.locator('#login-password').fill(password);
	await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

export async function menu(page, entry) {
	await page.getByRole('button', { name: /: menu$/ }).click();
	await page.getByRole('navigation', { name: 'Account and administration' }).getByText(entry, { exact: true }).click();
}

// What a program could do with the admin's rights; the answer, parsed.
export async function asAdmin(method, path, data) {
	const context = await request.newContext({ ignoreHTTPSErrors: true, baseURL: url, storageState: await admin() });
	const { csrf_token: token } = await (await context.get('/api/auth/session')).json();
	const answer = await context.fetch(path, { method, data, headers: { 'X-CSRF-Token': token } });
	const body = answer.status() === 204 ? null : await answer.json();

	await context.dispose();
	assert.ok(answer.ok(), JSON.stringify(body));
	return body;
}

// The id of a location, made where there is none of that name.
export async function location(name) {
	const all = await asAdmin('GET', '/api/data/locations?include_inactive=true');

	return (all.find(one => one.name === name) ?? await asAdmin('POST', '/api/data/locations', { name })).id;
}

// Another user, who may see these locations; null: all.
export async function addUser(username, role, locations = null) {
	const users = await asAdmin('GET', '/api/users');

	if (!users.some(one => one.username === username))
		await asAdmin('POST', '/api/users', { username, password: PASSWORD, role, locations });
	return logIn(username);
}

// A session of its own, for tests that end it or are not the admin's.
export async function logIn(username, password = PASSWORD) {
	const context = await request.newContext({ ignoreHTTPSErrors: true, baseURL: url });
	const answer = await context.post('/api/auth/login', { data: { username, password } });

	assert.equal(answer.status(), 200, await answer.text());
	const storage = await context.storageState();
	await context.dispose();
	return storage;
}

// The session of the first administrator, made once for all files of tests.
export async function admin() {
	if (!existsSync(adminFile)) {
		const { page, close } = await open();

		await page.goto(setupLink());
		await page.getByLabel('User name').fill(ADMIN);
		await page.locator('#setup-password').fill(PASSWORD);
		await page.getByRole('button', { name: 'Make the account' }).click();
		await page.getByRole('button', { name: `${ADMIN}: menu` }).waitFor();
		await keepAdmin(page);
		await close();
	}
	return adminFile;
}

export async function keepAdmin(page) {
	await page.context().storageState({ path: adminFile });
}

export async function cells(page, view, columns) {
	await visit(page, view);
	return page.$$eval('tbody tr', (rows, n) =>
		rows.map(row => [...row.children].slice(0, n).map(cell => cell.textContent.trim())), columns);
}

export function importFile(name, ...options) {
	return run(path.join(process.env.BIN, 'dum-import'),
		['--config', process.env.DUM_CONF, '--json', ...options, path.join(data, name)]);
}

// Rows of a file of ours, as plain as the files are.
export function readCsv(name) {
	const [head, ...rows] = readFileSync(path.join(data, name), 'utf8').trim().split(/\r?\n/).map(line => line.split(','));

	return { head, rows };
}

export function figure(text) {
	return Number(text.replaceAll('\u202f', '').replace(/\s*GB$/, ''));
}

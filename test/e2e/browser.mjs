// A browser with its console listened to, and independent sums of the files
// that the tests import.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

export const url = process.env.DUM_URL;
const data = path.join(path.dirname(fileURLToPath(import.meta.url)), '../data');
const run = promisify(execFile);

export function launch() {
	return chromium.launch({
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
}

// problems: everything that the console or the page complains of, CSP included.
export async function open(browser, { width = 1280, height = 900, scheme = 'light' } = {}) {
	const context = await browser.newContext({
		ignoreHTTPSErrors: true,
		viewport: { width, height },
		colorScheme: scheme,
	});
	const page = await context.newPage();
	const problems = [];

	page.setDefaultTimeout(8000);
	page.on('console', message => {
		if (message.type() === 'error' || message.type() === 'warning')
			problems.push(message.text());
	});
	page.on('pageerror', error => problems.push(error.message));
	return { page, problems, close: () => context.close() };
}

// From a blank page, so that each view loads anew; back when its data is there.
export async function visit(page, view) {
	await page.goto('about:blank');
	await page.goto(`${url}#/${view}`);
	await page.locator('main h1').waitFor();
	await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .waiting'));
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

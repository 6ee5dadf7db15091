// Bundles the page: node build.mjs OUTDIR
//
// Files get a hash of their content in their name, so that nginx may let
// browsers keep them for ever; index.html names the current ones. Each text
// also lies there compressed, so that nginx has nothing to compress.

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));

async function bundle() {
	const result = await build({
		absWorkingDir: here,
		entryPoints: ['app/main.js'],
		outfile: 'out/app.js',
		bundle: true,
		write: false,
		minify: true,
		format: 'esm',
		target: ['es2020', 'chrome100', 'firefox100', 'safari15'],
		legalComments: 'none',
		metafile: true,
	});
	const text = ending => result.outputFiles.find(f => f.path.endsWith(ending)).contents;

	return { script: text('.js'), style: text('.css'), inputs: Object.keys(result.metafile.inputs) };
}

// The licences of what is in the bundle, which asks for them to go along.
async function licences(inputs) {
	const names = new Set();

	for (const input of inputs) {
		const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
		if (match)
			names.add(match[1]);
	}
	const texts = [];
	for (const name of [...names].sort()) {
		const folder = path.join(here, 'node_modules', name);
		const file = (await readdir(folder)).find(f => /^licen[cs]e/i.test(f));
		if (!file)
			throw new Error(`${name} comes without a licence file`);
		texts.push(`${name}\n\n${await readFile(path.join(folder, file), 'utf8')}`);
	}
	return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

function hashed(name, content) {
	const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
	const { name: stem, ext } = path.parse(name);

	return `assets/${stem}-${hash}${ext}`;
}

async function publish(out, name, content) {
	await writeFile(path.join(out, name), content);
	await writeFile(path.join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
}

async function main(target) {
	// Built beside the old page and put in its place when it is whole.
	const out = `${target}.partial`;
	const { script, style, inputs } = await bundle();
	const icon = await readFile(path.join(here, 'public/icon.svg'));
	const names = {
		SCRIPT: hashed('app.js', script),
		STYLE: hashed('app.css', style),
		ICON: hashed('icon.svg', icon),
	};
	let page = await readFile(path.join(here, 'index.html'), 'utf8');

	for (const [key, name] of Object.entries(names))
		page = page.replaceAll(`@${key}@`, `/${name}`);
	await rm(out, { recursive: true, force: true });
	await mkdir(path.join(out, 'assets'), { recursive: true });
	await publish(out, names.SCRIPT, script);
	await publish(out, names.STYLE, style);
	await publish(out, names.ICON, icon);
	await publish(out, 'assets/licences.txt', await licences(inputs));
	await publish(out, 'index.html', page);
	await rm(target, { recursive: true, force: true });
	await rename(out, target);
}

if (process.argv.length !== 3) {
	console.error('usage: node build.mjs OUTDIR');
	process.exit(2);
}
await main(path.resolve(process.argv[2]));

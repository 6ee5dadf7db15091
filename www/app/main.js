// The frame of the page: who is there, the view that the address names, messages.
import '../css/page.css';
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { may } from './access.js';
import { api } from './api.js';
import { html } from './html.js';
import { useLoad } from './load.js';
import { Header } from './parts/header.js';
import { Messages } from './parts/message.js';
import { Failure } from './parts/state.js';
import { probe, probeError } from './probe.js';
import { href, replace, route } from './route.js';
import { lapsed, session, user } from './session.js';
import { Account } from './views/account.js';
import { Audit } from './views/audit.js';
import { Backups } from './views/backups.js';
import { BillingCycle } from './views/billing-cycle.js';
import { Cycles } from './views/cycles.js';
import { Days } from './views/days.js';
import { Enter } from './views/enter.js';
import { Import } from './views/import.js';
import { Keys } from './views/keys.js';
import { Locations } from './views/locations.js';
import { Login } from './views/login.js';
import { Overview } from './views/overview.js';
import { MustEnrol } from './views/second-factor.js';
import { Setup } from './views/setup.js';
import { Users } from './views/users.js';

// own: stands in the menu of one's account. role: whom the server lets in.
const views = {
	'/': { title: 'Overview', view: Overview },
	'/locations': { title: 'Locations', view: Locations },
	'/cycles': { title: 'Cycles', view: Cycles },
	'/days': { title: 'Days', view: Days },
	'/enter': { title: 'Enter', view: Enter, role: 'editor' },
	'/import': { title: 'Import', view: Import, role: 'editor' },
	'/account': { title: 'Your account', view: Account, own: true },
	'/users': { title: 'Users', view: Users, own: true, role: 'admin' },
	'/keys': { title: 'Keys for programs', view: Keys, own: true, role: 'admin' },
	'/billing-cycle': { title: 'Billing cycle', view: BillingCycle, own: true, role: 'admin' },
	'/backups': { title: 'Backups', view: Backups, own: true, role: 'admin' },
	'/audit': { title: 'Audit trail', view: Audit, own: true, role: 'admin' },
};

const login = { name: 'login', title: 'Log in', view: Login };
const setup = { name: 'setup', title: 'Set-up', view: Setup };
const enrol = { name: 'enrol', title: 'Second factor', view: MustEnrol };

function NotFound() {
	return html`<p class="notice">There is no page at this address. <a href=${href('/')}>Go to the overview</a>.</p>`;
}

function NotAllowed() {
	return html`<p class="notice">${views[route.value.path].role === 'admin' ? 'This page is for administrators.' : 'This page is for those who may change figures.'}
		${' '} <a href=${href('/')}>Go to the overview</a>.</p>`;
}

function Starting() {
	return probeError.value ? html`<${Failure} error=${probeError.value} retry=${probe} />` : html`<p class="waiting">Loading …</p>`;
}

// What is to be seen now: { name, title, view }.
function stage(path) {
	const here = views[path];

	if (session.value === undefined)
		return { name: 'start', title: 'Data Usage Monitor', view: Starting };
	if (session.value === null)
		return path === '/setup' ? setup : login;
	if (user.value.must_enrol)
		return enrol;
	if (!here)
		return { name: path, title: 'Not found', view: NotFound };
	return here.role && !may(user.value, here.role) ? { name: path, title: here.title, view: NotAllowed } : { name: path, ...here };
}

// Made-up figures must never be taken for real ones.
function SampleBanner() {
	const { data } = useLoad(signal => api.locations(signal), []);

	const madeUp = (data ?? []).filter(location => location.name.startsWith('sample_')).length;

	if (!madeUp)
		return null;
	return html`<p class="sample" role="note"><strong>Sample data.</strong> ${madeUp === data.length
		? 'All locations and figures here are made up.'
		: `${madeUp} of ${data.length} locations are made up, and so are their figures in all totals.`}</p>`;
}

// The view that waits out of sight for somebody whose session has ended.
function viewOf(who, path) {
	const here = views[path];

	return who && !who.must_enrol && here && (!here.role || may(who, here.role)) ? here.view : null;
}

function entriesFor(who, own) {
	if (!session.value || who.must_enrol)
		return [];
	return Object.entries(views)
		.filter(([, view]) => Boolean(view.own) === own && (!view.role || may(who, view.role)))
		.map(([to, { title }]) => ({ to, title }));
}

function Page() {
	const { path } = route.value;
	const now = stage(path);
	const who = session.value?.user;
	const kept = who ? now.view : viewOf(lapsed.value, path);
	const inside = Boolean(who) && !who.must_enrol;
	const heading = useRef(null);
	const before = useRef('start');

	useEffect(() => {
		if (now.name !== 'start')
			document.title = `${now.title} · Data Usage Monitor`;
		// A new view starts at its heading, for the keyboard and for speech; the
		// forms to get in start at their first field.
		if (before.current !== 'start' && now.view !== Login)
			heading.current.focus();
		before.current = now.name;
	}, [now.name]);
	useEffect(() => {
		if (inside && path === '/setup')
			replace('/');
	});
	return html`
		<a class="skip" href="#main" onClick=${e => { e.preventDefault(); heading.current.focus(); }}>Skip to the content</a>
		<${Header} path=${path} user=${who} main=${entriesFor(who, false)} own=${entriesFor(who, true)} />
		<main id="main">
			${inside && html`<${SampleBanner} />`}
			<h1 tabindex="-1" ref=${heading} class=${inside ? '' : 'narrow'}>${now.title}</h1>
			${!inside && html`<${now.view} key=${now.name} />`}
			<div key=${`view of ${user.value?.id}`} hidden=${!inside}>
				${kept && kept !== MustEnrol && html`<${kept} key=${path} />`}
			</div>
		</main>
		<${Messages} />`;
}

const root = document.getElementById('app');

root.replaceChildren();
render(html`<${Page} />`, root);
probe();

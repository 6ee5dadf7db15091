// The frame of the page: navigation, the view that the address names, messages.
import '../css/page.css';
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { api } from './api.js';
import { html } from './html.js';
import { useLoad } from './load.js';
import { Messages } from './parts/message.js';
import { href, route } from './route.js';
import { theme, toggleTheme } from './theme.js';
import { Cycles } from './views/cycles.js';
import { Days } from './views/days.js';
import { Locations } from './views/locations.js';
import { Overview } from './views/overview.js';

const views = {
	'/': { title: 'Overview', view: Overview },
	'/locations': { title: 'Locations', view: Locations },
	'/cycles': { title: 'Cycle totals', view: Cycles },
	'/days': { title: 'Days', view: Days },
};

function NotFound() {
	return html`<p class="notice">There is no page at this address. <a href=${href('/')}>Go to the overview</a>.</p>`;
}

// Made-up figures must never be taken for real ones.
function SampleBanner() {
	const { data } = useLoad(signal => api.locations(signal), []);

	if (!data?.length || !data.every(location => location.name.startsWith('sample_')))
		return null;
	return html`<p class="sample" role="note"><strong>Sample data.</strong> All locations and figures here are made up.</p>`;
}

function Header({ path }) {
	return html`<header class="header">
		<a class="brand" href=${href('/')}>Data Usage Monitor</a>
		<nav class="menu" aria-label="Views">
			${Object.entries(views).map(([to, { title }]) => html`<a key=${to} href=${href(to)}
				aria-current=${to === path ? 'page' : undefined}>${title}</a>`)}
		</nav>
		<button type="button" class="theme" aria-label=${theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
			title=${theme.value === 'dark' ? 'Light colours' : 'Dark colours'} onClick=${toggleTheme}>
			<span aria-hidden="true">${theme.value === 'dark' ? '☀' : '☾'}</span>
		</button>
	</header>`;
}

function Page() {
	const { path } = route.value;
	const { title, view } = views[path] ?? { title: 'Not found', view: NotFound };
	const heading = useRef(null);
	const first = useRef(true);

	useEffect(() => {
		document.title = `${title} · Data Usage Monitor`;
		// A new view starts at its heading, for the keyboard and for speech.
		if (!first.current)
			heading.current.focus();
		first.current = false;
	}, [path]);
	return html`
		<a class="skip" href="#main" onClick=${e => { e.preventDefault(); heading.current.focus(); }}>Skip to the content</a>
		<${Header} path=${path} />
		<main id="main">
			<${SampleBanner} />
			<h1 tabindex="-1" ref=${heading}>${title}</h1>
			<${view} key=${path} />
		</main>
		<${Messages} />`;
}

const root = document.getElementById('app');

root.replaceChildren();
render(html`<${Page} />`, root);

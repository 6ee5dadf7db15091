// The top of each page: where one can go, who one is.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.js';
import { html } from '../html.js';
import { tell } from '../parts/message.js';
import { tellOtherTabs } from '../probe.js';
import { href, replace, route } from '../route.js';
import { end } from '../session.js';
import { keepTheme, theme, toggleTheme } from '../theme.js';

async function logOut() {
	try {
		await api.logout();
	} catch (failure) {
		// A session that had ended already is what was asked for.
		if (failure.status !== 401) {
			tell(`You are still logged in. ${failure.message}`);
			return;
		}
	}
	// The answer has emptied what the browser keeps for this site.
	keepTheme();
	replace('/');
	end();
	tellOtherTabs();
}

function Links({ entries, path }) {
	return entries.map(({ to, title }) => html`<a key=${to} href=${href(to)} aria-current=${to === path ? 'page' : undefined}>${title}</a>`);
}

// Opened by its button; closed by Escape, by going elsewhere, and by a choice.
function UserMenu({ user, entries, path }) {
	const [open, setOpen] = useState(false);
	const box = useRef(null);
	const button = useRef(null);

	useEffect(() => setOpen(false), [route.value]);
	useEffect(() => {
		const away = event => !box.current.contains(event.target) && setOpen(false);

		addEventListener('pointerdown', away);
		return () => removeEventListener('pointerdown', away);
	}, []);
	const leave = event => {
		if (event.relatedTarget && !box.current.contains(event.relatedTarget))
			setOpen(false);
	};
	const close = event => {
		if (event.key !== 'Escape' || !open)
			return;
		setOpen(false);
		button.current.focus();
	};
	const within = entries.find(({ to }) => to === path);

	return html`<div class="user-menu" ref=${box} onFocusOut=${leave} onKeyDown=${close}>
		<button type="button" ref=${button} aria-expanded=${open ? 'true' : 'false'} aria-controls="user-menu"
			aria-label=${`${user.username}: menu`} class=${within ? 'within' : ''} onClick=${() => setOpen(!open)}>
			<span class="user-name">${user.username}</span>
			<span aria-hidden="true">▾</span>
		</button>
		<nav id="user-menu" aria-label="Account and administration" hidden=${!open}>
			<${Links} entries=${entries} path=${path} />
			<button type="button" onClick=${logOut}>Log out</button>
		</nav>
	</div>`;
}

// main, own: [{ to, title }], as far as the user may go.
export function Header({ path, user, main, own }) {
	const other = theme.value === 'dark' ? 'Light colours' : 'Dark colours';

	return html`<header class="header">
		<a class="brand" href=${href('/')}>Data Usage Monitor</a>
		${main.length > 0 && html`<nav class="menu" aria-label="Views"><${Links} entries=${main} path=${path} /></nav>`}
		<div class="header-end">
			<button type="button" class="theme" aria-label=${other} title=${other} onClick=${toggleTheme}>
				<span aria-hidden="true">${theme.value === 'dark' ? '☀' : '☾'}</span>
			</button>
			${user && html`<${UserMenu} user=${user} entries=${own} path=${path} />`}
		</div>
	</header>`;
}

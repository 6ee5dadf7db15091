// Instead of a form that needs a location.
import { may } from '../access.js';
import { html } from '../html.js';
import { href } from '../route.js';
import { user } from '../session.js';

export function NoLocation() {
	return html`<p class="notice">There is no active location yet. ${may(user.value, 'admin')
		? html`<a href=${href('/locations')}>Add one</a> first.` : 'An administrator has to add one first.'}</p>`;
}

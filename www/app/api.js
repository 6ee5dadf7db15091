// The only file that talks to the server. Answers are parsed JSON; what went
// wrong is an ApiError whose message a person can read.
import { duration } from './format.js';
import { demandSecondFactor, lapse, session } from './session.js';

const TIMEOUT_MS = 20000;

export class ApiError extends Error {
	// fields: { usage_gb: 'must be ...' } for wrong input. retryAfter: seconds
	// to wait, 0 where the server names none. codeRequired: a log-in that only
	// lacks the second factor.
	constructor(message, { status = 0, requestId = '', fields = {}, retryAfter = 0, codeRequired = false } = {}) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.requestId = requestId;
		this.fields = fields;
		this.retryAfter = retryAfter;
		this.codeRequired = codeRequired;
	}
}

const plainWords = {
	0: 'The server can not be reached. Check the connection, then try again.',
	429: 'Too many requests in a short time. Wait a moment, then try again.',
	502: 'The service is restarting. Try again in a moment.',
	503: 'The service is busy. Try again in a moment.',
	504: 'The service took too long to answer. Try again.',
	507: 'The disk of the server is full. Nothing was changed.',
};

// What the page calls the members that the server names.
const names = {
	usage_gb: 'gigabytes',
	display_name: 'name to show',
	location_id: 'location',
	start_date: '"From"',
	end_date: '"Until"',
	current_password: 'the password you have now',
	new_password: 'the new password',
	expires_at: 'the expiry',
	is_active: 'the state',
};

function sentence(raw) {
	const text = raw.replace(/\b[a-z]+_[a-z]+\b/g, word => names[word] ?? word);
	const start = text.charAt(0).toUpperCase() + text.slice(1);

	return /[.!?]$/.test(start) ? start : `${start}.`;
}

// From a problem document (RFC 9457) and its status.
export function problemToError(status, problem, retryAfter = 0) {
	const fields = {};

	// "/locations/2" is told beside the locations.
	for (const { pointer, detail } of problem?.errors ?? [])
		fields[pointer.replace(/^\//, '').split('/')[0]] ??= sentence(detail);
	const message = status === 429 && retryAfter ? `Too many attempts. Try again in ${duration(retryAfter)}.`
		: plainWords[status] ?? (problem?.detail ? sentence(problem.detail) : `The server answered with an error (${status}).`);

	return new ApiError(message, {
		status,
		requestId: problem?.request_id ?? '',
		fields,
		retryAfter,
		codeRequired: problem?.code_required === true,
	});
}

async function readJson(response) {
	try {
		return await response.json();
	} catch {
		return null;
	}
}

function headersFor(method, body) {
	const headers = { Accept: 'application/json' };

	if (body !== undefined)
		headers['Content-Type'] = 'application/json';
	if (method !== 'GET' && session.value)
		headers['X-CSRF-Token'] = session.value.csrf_token;
	return headers;
}

// What an error says about the session itself. A 401 that names a field is a
// password that was asked for once more.
function heed(error, problem) {
	if (problem?.type === '/problems/second-factor-required')
		demandSecondFactor();
	if (error.status !== 401 || Object.keys(error.fields).length || !session.value)
		return error;
	lapse();
	return new ApiError('Your session has ended. Log in, then do it again.', error);
}

// publicly: of a path that is open to everybody, where 401 says nothing about
// a session.
async function call(method, path, { body, signal, publicly = false } = {}) {
	const timeout = new AbortController();
	const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
	const stop = () => timeout.abort();
	let response, answer;

	signal?.addEventListener('abort', stop);
	try {
		response = await fetch(path, {
			method,
			headers: headersFor(method, body),
			body: body === undefined ? undefined : JSON.stringify(body),
			signal: timeout.signal,
			credentials: 'same-origin',
		});
		answer = response.status === 204 ? null : await readJson(response);
	} catch (error) {
		if (signal?.aborted)
			throw error;
		throw new ApiError(plainWords[0]);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', stop);
	}
	if (!response.ok) {
		const error = problemToError(response.status, answer, Number(response.headers.get('Retry-After')) || 0);

		throw publicly ? error : heed(error, answer);
	}
	if (response.status !== 204 && answer === null)
		throw new ApiError('The answer of the server was cut short. Try again.');
	return answer;
}

function query(values) {
	const given = Object.entries(values).filter(([, v]) => v !== undefined && v !== '' && v !== null);

	return given.length ? `?${new URLSearchParams(given)}` : '';
}

export const api = {
	overview: signal => call('GET', '/api/dashboard/overview', { signal }),
	trends: (days, signal) =>
		call('GET', `/api/dashboard/usage-trends${query({ days, format: 'columns' })}`, { signal }),
	locations: signal => call('GET', '/api/data/locations?include_inactive=true', { signal }),
	addLocation: location => call('POST', '/api/data/locations', { body: location }),
	changeLocation: (id, change) => call('PATCH', `/api/data/locations/${id}`, { body: change }),
	days: (filter, signal) => call('GET', `/api/data/daily-usage${query(filter)}`, { signal }),
	putDay: day => call('POST', '/api/data/daily-usage', { body: day }),
	changeDay: (id, usageGb) => call('PUT', `/api/data/daily-usage/${id}`, { body: { usage_gb: usageGb } }),
	removeDay: id => call('DELETE', `/api/data/daily-usage/${id}`),

	// null: nobody is logged in.
	session: () => call('GET', '/api/auth/session', { publicly: true }).catch(error => {
		if (error.status === 401)
			return null;
		throw error;
	}),
	login: body => call('POST', '/api/auth/login', { body, publicly: true }),
	setup: body => call('POST', '/api/auth/setup', { body, publicly: true }),
	logout: () => call('POST', '/api/auth/logout'),
	sessions: signal => call('GET', '/api/auth/sessions', { signal }),
	endSession: id => call('DELETE', `/api/auth/sessions/${id}`),
	endOtherSessions: () => call('DELETE', '/api/auth/sessions'),
	changePassword: body => call('POST', '/api/auth/password', { body }),
	beginTotp: password => call('POST', '/api/auth/totp', { body: { password } }),
	confirmTotp: code => call('POST', '/api/auth/totp/confirm', { body: { code } }),
	removeTotp: body => call('DELETE', '/api/auth/totp', { body }),

	users: signal => call('GET', '/api/users', { signal }),
	addUser: body => call('POST', '/api/users', { body }),
	changeUser: (id, body) => call('PATCH', `/api/users/${id}`, { body }),
	removeUser: id => call('DELETE', `/api/users/${id}`),
	keys: signal => call('GET', '/api/keys', { signal }),
	addKey: body => call('POST', '/api/keys', { body }),
	revokeKey: id => call('DELETE', `/api/keys/${id}`),
	audit: (filter, signal) => call('GET', `/api/audit${query(filter)}`, { signal }),
};

// The only file that talks to the server. Answers are parsed JSON; what went
// wrong is an ApiError (problem.js).
import { ApiError, plainWords, problemToError } from './problem.js';
import { demandSecondFactor, lapse, session } from './session.js';

const TIMEOUT_MS = 20000;
// A file of 64 MiB takes its time on a slow line.
const FILE_TIMEOUT_MS = 15 * 60 * 1000;

async function readJson(response) {
	try {
		return await response.json();
	} catch {
		return null;
	}
}

function headersFor(method, body, file) {
	const headers = { Accept: 'application/json' };

	if (file)
		headers['Content-Type'] = 'text/csv';
	else if (body !== undefined)
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

// Back with { answer, tag }: the tag tells this state of a record from later
// ones. publicly: of a path that is open to everybody, where 401 says nothing
// about a session. file: goes as it is, in place of a body.
async function exchange(method, path, { body, file, headers, signal, publicly = false } = {}) {
	const timeout = new AbortController();
	const timer = setTimeout(() => timeout.abort(), file ? FILE_TIMEOUT_MS : TIMEOUT_MS);
	const stop = () => timeout.abort();
	let response, answer;

	signal?.addEventListener('abort', stop);
	try {
		response = await fetch(path, {
			method,
			headers: { ...headersFor(method, body, file), ...headers },
			body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
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
	return { answer, tag: response.headers.get('ETag') };
}

const call = async (...request) => (await exchange(...request)).answer;

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
	// All of them or none; a repeat with the same key changes nothing.
	putDays: (days, key) => call('POST', '/api/data/daily-usage', { body: days, headers: { 'Idempotency-Key': key } }),
	taggedDay: id => exchange('GET', `/api/data/daily-usage/${id}`),
	// Refused with 412 where the record is not what it was at that tag.
	changeDay: (id, usageGb, tag) => call('PUT', `/api/data/daily-usage/${id}`, { body: { usage_gb: usageGb }, headers: { 'If-Match': tag } }),
	removeDay: (id, tag) => call('DELETE', `/api/data/daily-usage/${id}`, { headers: { 'If-Match': tag } }),
	// The address of what the filter lets through, as a file.
	daysFile: filter => `/api/data/daily-usage${query({ ...filter, format: 'csv' })}`,

	cycles: (filter, signal) => call('GET', `/api/data/cycles${query(filter)}`, { signal }),
	bills: (filter, signal) => call('GET', `/api/data/monthly-summaries${query(filter)}`, { signal }),
	removeBill: id => call('DELETE', `/api/data/monthly-summaries/${id}`),
	putBill: bill => call('PUT', '/api/data/monthly-summaries', { body: bill }),
	cycleDay: (filter, signal) => call('GET', `/api/settings/billing-cycle${query(filter)}`, { signal }),
	changeCycleDay: setting => call('PUT', '/api/settings/billing-cycle', { body: setting }),
	removeCycleDay: id => call('DELETE', `/api/settings/billing-cycle/${id}`),

	// A large one is answered by a job: { state }.
	importFile: (file, options, { key, signal } = {}) =>
		call('POST', `/api/imports${query(options)}`, { file, signal, headers: key ? { 'Idempotency-Key': key } : {} }),
	imports: (filter, signal) => call('GET', `/api/imports${query(filter)}`, { signal }),
	undoImport: id => call('POST', `/api/imports/${id}/undo`),
	job: (id, signal) => call('GET', `/api/jobs/${id}`, { signal }),

	databaseInfo: signal => call('GET', '/api/system/database-info', { signal }),
	backups: signal => call('GET', '/api/system/backups', { signal }),
	// Answered by { backup_file }, or by a job where it takes longer.
	makeBackup: name => call('POST', '/api/system/backup', { body: name ? { name } : {} }),
	verifyBackup: file => call('POST', `/api/system/backups/${file}/verify`),
	restoreBackup: (file, confirm) => call('POST', `/api/system/backups/${file}/restore`, { body: { confirm } }),
	removeBackup: file => call('DELETE', `/api/system/backups/${file}`),
	// The address of its bytes.
	backupFile: file => `/api/system/backups/${file}`,

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

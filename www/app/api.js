// The only file that talks to the server. Answers are parsed JSON; what went
// wrong is an ApiError whose message a person can read.

const TIMEOUT_MS = 20000;

export class ApiError extends Error {
	// fields: { usage_gb: 'must be ...' } for wrong input.
	constructor(message, { status = 0, requestId = '', fields = {} } = {}) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.requestId = requestId;
		this.fields = fields;
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
};

function sentence(raw) {
	const text = raw.replace(/\b[a-z]+_[a-z]+\b/g, word => names[word] ?? word);
	const start = text.charAt(0).toUpperCase() + text.slice(1);

	return /[.!?]$/.test(start) ? start : `${start}.`;
}

// From a problem document (RFC 9457) and its status.
export function problemToError(status, problem) {
	const fields = {};

	for (const { pointer, detail } of problem?.errors ?? [])
		fields[pointer.replace(/^\//, '')] = sentence(detail);
	const message = plainWords[status] ??
		(problem?.detail ? sentence(problem.detail) : `The server answered with an error (${status}).`);

	return new ApiError(message, { status, requestId: problem?.request_id ?? '', fields });
}

async function readJson(response) {
	try {
		return await response.json();
	} catch {
		return null;
	}
}

async function call(method, path, { body, signal } = {}) {
	const timeout = new AbortController();
	const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
	const stop = () => timeout.abort();
	const headers = { Accept: 'application/json' };
	let response, answer;

	signal?.addEventListener('abort', stop);
	if (body !== undefined)
		headers['Content-Type'] = 'application/json';
	try {
		response = await fetch(path, {
			method,
			headers,
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
	if (!response.ok)
		throw problemToError(response.status, answer);
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
};

// What went wrong, in words that a person can read. Pure.
import { duration } from './format.js';

export class ApiError extends Error {
	// fields: { usage_gb: 'must be ...' } for wrong input; places: all of it, as
	// the server points at it: [{ pointer, detail, ... }]. retryAfter: seconds to
	// wait, 0 where the server names none. codeRequired: a log-in that only lacks
	// the second factor. report: of an import that was refused. total: of places
	// that stand in the way, of which the first are in places.
	constructor(message, { status = 0, requestId = '', fields = {}, places = [], retryAfter = 0, codeRequired = false, report = null, total = 0 } = {}) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.requestId = requestId;
		this.fields = fields;
		this.places = places;
		this.retryAfter = retryAfter;
		this.codeRequired = codeRequired;
		this.report = report;
		this.total = total;
	}
}

export const plainWords = {
	0: 'The server can not be reached. Check the connection, then try again.',
	413: 'That is more than the server takes at once.',
	429: 'Too many requests in a short time. Wait a moment, then try again.',
	502: 'The service is restarting. Try again in a moment.',
	503: 'The service is busy. Try again in a moment.',
	504: 'The service took too long to answer. Try again.',
	507: 'The disk of the server is full. Nothing was changed.',
};

// What the page calls the members that the server names.
const names = {
	usage_gb: 'gigabytes',
	total_usage_gb: 'gigabytes',
	cycle_day: 'the first day',
	valid_from: '"From"',
	period_start: 'the cycle',
	display_name: 'name to show',
	location_id: 'location',
	start_date: '"From"',
	end_date: '"Until"',
	current_password: 'the password you have now',
	new_password: 'the new password',
	expires_at: 'the expiry',
	is_active: 'the state',
};

export function sentence(raw) {
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
		places: (problem?.errors ?? []).map(place => ({ ...place, detail: sentence(place.detail) })),
		retryAfter,
		codeRequired: problem?.code_required === true,
		report: problem?.report ?? null,
		total: problem?.touched_total ?? 0,
	});
}

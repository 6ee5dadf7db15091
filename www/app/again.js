// Ask once more while the server is busy, as it says when it will have time.

const TRIES = 5;
const LONGEST_S = 5;

const pause = seconds => new Promise(over => { setTimeout(over, seconds * 1000); });

// The answer of request(), which is repeated where it is refused with 503 and
// Retry-After: four times at most. Not all who were refused at one moment come
// back at one moment. busy(): it will be asked again.
export async function askAgain(request, { busy, sleep = pause, random = Math.random }) {
	for (let left = TRIES - 1; ; left--) {
		try {
			return await request();
		} catch (failure) {
			if (failure.status !== 503 || !failure.retryAfter || left === 0)
				throw failure;
			busy();
			await sleep(Math.min(failure.retryAfter, LONGEST_S) + random());
		}
	}
}

// Codes of an authenticator app, from RFC 4648 and RFC 6238 alone.
import { createHmac } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_S = 30;

function bytes(base32) {
	const bits = [...base32].map(letter => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');

	return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
}

// later: so many steps from now. The one after now counts already, since
// clocks differ.
export function codeOf(seed, later = 0) {
	const step = Math.floor(Date.now() / 1000 / STEP_S) + later;
	const counter = Buffer.alloc(8);

	counter.writeBigUInt64BE(BigInt(step));
	const mac = createHmac('sha1', bytes(seed)).update(counter).digest();
	const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;

	return String(number % 1000000).padStart(6, '0');
}

// A QR code as one path, dark on light in any colours, since that is what
// cameras expect.
import { encode } from 'uqr';
import { html } from '../html.js';

const QUIET = 4; // modules of empty border, as the standard asks for

// Each run of dark modules of a row is one rectangle.
function path(rows) {
	const pieces = [];

	rows.forEach((row, y) => {
		for (let x = 0; x < row.length; x++) {
			const start = x;

			while (row[x])
				x++;
			if (x > start)
				pieces.push(`M${start},${y}h${x - start}v1h-${x - start}z`);
		}
	});
	return pieces.join('');
}

export function QrCode({ text, label }) {
	const { data } = encode(text, { ecc: 'M', border: QUIET });
	const size = data.length;

	return html`<svg class="qr" role="img" aria-label=${label} viewBox=${`0 0 ${size} ${size}`} shape-rendering="crispEdges">
		<rect width=${size} height=${size} class="qr-light" />
		<path d=${path(data)} class="qr-dark" />
	</svg>`;
}

// Hands a text to the browser as a file.

export function download(name, text) {
	const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
	const link = document.createElement('a');

	link.href = address;
	link.download = name;
	link.click();
	// The browser has begun to read it by then.
	setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// Which browser a session belongs to, from its User-Agent line. Pure.

const BROWSERS = [[/\bEdgA?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
	[/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'], [/\bSafari\//, 'Safari'], [/^curl\//, 'curl']];
const SYSTEMS = [[/\biPhone\b|\biPad\b/, 'iOS'], [/\bAndroid\b/, 'Android'], [/\bWindows\b/, 'Windows'],
	[/\bMac OS X\b/, 'macOS'], [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux']];

function find(list, text) {
	return list.find(([pattern]) => pattern.test(text))?.[1];
}

export function agentInWords(agent) {
	const browser = find(BROWSERS, agent);
	const system = find(SYSTEMS, agent);

	if (!browser)
		return agent ? agent.slice(0, 40) : 'Unknown program';
	return system ? `${browser} on ${system}` : browser;
}

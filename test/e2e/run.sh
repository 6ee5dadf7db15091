#!/bin/sh
# The dashboard in a real browser, over TLS, on a service of its own.
# Prints TAP. BIN: folder of the programs (build/release/bin).
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$top/build/release/bin}
tmp=$(mktemp -d)
run=

finish()
{
	status=$?
	trap - EXIT INT TERM
	if [ -n "$run" ]; then
		kill -TERM "$run" 2>/dev/null || true
		wait "$run" 2>/dev/null || true
	fi
	rm -rf "$tmp"
	exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

cd "$top/test/e2e"
# What is installed is asked for again only when the list of it has changed.
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json node_modules/.installed
fi

# A port that is free now.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$top/scripts/run" --state "$tmp/state" --port "$port" --workers 2 --unlimited \
	>"$tmp/out" 2>"$tmp/err" &
run=$!
tries=0
until grep -q '^ready ' "$tmp/out"; do
	tries=$((tries + 1))
	if [ "$tries" -gt 600 ] || ! kill -0 "$run" 2>/dev/null; then
		cat "$tmp/err"
		echo 'not ok 1 - the service starts'
		exit 1
	fi
	sleep 0.1
done

DUM_URL=$(sed -n 's/^ready //p' "$tmp/out")
DUM_CONF=$tmp/state/dum.conf
export DUM_URL DUM_CONF BIN
node --test --test-concurrency=1 --test-reporter=tap page.test.mjs

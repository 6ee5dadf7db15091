#!/bin/sh
# The dashboard in a real browser, over TLS, on a service of its own.
# Prints TAP. BIN: folder of the programs (build/release/bin).
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$top/build/release/bin}
tmp=$(mktemp -d)
runs=

finish()
{
	status=$?
	trap - EXIT INT TERM
	for run in $runs; do
		kill -TERM "$run" 2>/dev/null || true
	done
	for run in $runs; do
		wait "$run" 2>/dev/null || true
	done
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

# start NAME WORKERS: a service with its state in $tmp/NAME
start()
{
	# A port that is free now.
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"$top/scripts/run" --state "$tmp/$1" --port "$port" --workers "$2" --unlimited \
		>"$tmp/$1.out" 2>"$tmp/$1.err" &
	runs="$runs $!"
	tries=0
	until grep -q '^ready ' "$tmp/$1.out"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 600 ] || ! kill -0 "$!" 2>/dev/null; then
			cat "$tmp/$1.err"
			echo "not ok 1 - the service $1 starts"
			exit 1
		fi
		sleep 0.1
	done
}

# The address that start printed.
address()
{
	sed -n 's/^ready //p' "$tmp/$1.out"
}

start state 2
DUM_URL=$(address state)
DUM_CONF=$tmp/state/dum.conf
# Another, where administrators need a second factor.
REQUIRE_ADMIN_TOTP=true
export REQUIRE_ADMIN_TOTP
start strict 1
unset REQUIRE_ADMIN_TOTP
DUM_STRICT_URL=$(address strict)
DUM_STRICT_LINK=$(cat "$tmp/strict/setup-link")
export DUM_URL DUM_CONF DUM_STRICT_URL DUM_STRICT_LINK BIN
node --test-reporter=tap all.mjs

#!/bin/sh
# Measure the hot paths on a service of its own: make bench
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
"$top/scripts/deps" --bench
exec python3 "$top/test/bench/bench.py" "$@"

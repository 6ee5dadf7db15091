#!/bin/bash
# The package is the same bytes whoever builds it: twice, under another time
# zone, language, path and umask.
#
# usage: test/reproducible.sh TARBALL
#
# Prints TAP. Takes as long as two builds of the package.
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/one" "$dir/a path of another length"

(umask 022 && TZ=UTC LC_ALL=C TMPDIR=$dir/one \
    "$top/scripts/deb" "$1" "$dir/out1") >"$dir/log1" 2>&1 &
(umask 077 && TZ=Pacific/Chatham LC_ALL=C.UTF-8 LANGUAGE=de TMPDIR="$dir/a path of another length" \
    DEB_BUILD_OPTIONS=parallel=2 "$top/scripts/deb" "$1" "$dir/out2") >"$dir/log2" 2>&1 &
wait

echo '1..1'
sums=$(cd "$dir" && sha256sum out1/*.deb out2/*.deb)
printf '%s\n' "$sums" | sed 's/^/# /'
if [ "$(find "$dir/out1" -name '*.deb' | wc -l)" = 2 ] &&
    [ "$(cut -d' ' -f1 <<<"$sums" | sort | uniq -c | awk '$1 == 2' | wc -l)" = 2 ]; then
    echo 'ok 1 - package and debug symbols are the same bytes twice'
else
    tail -n 5 "$dir"/log[12] | sed 's/^/# /'
    echo 'not ok 1 - package and debug symbols are the same bytes twice'
    exit 1
fi

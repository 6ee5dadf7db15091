#!/bin/bash
# From a bare Debian 12 to a served dashboard, and to passed tests, each by the
# one command that the README names.
#
# usage: test/fresh-root.sh [--keep] [run] [test]
#
#   run     scripts/run --sample: the page and /health answer, TERM stops it
#   test    scripts/test
#   --keep  leave the roots where they are and say where
#
# Without a word both, each in a root of its own with a clean clone of what is
# committed here, no more. test/root.sh says how and what it needs; 4 GB.
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
# shellcheck source=test/root.sh
. "$top/test/root.sh"
keep=no parts=()

# --- the two commands -----------------------------------------------------

in_checkout() { in_root "$1" sh -c 'cd checkout && exec "$@"' sh "${@:2}"; }

free_port()
{
    local port=18443
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        port=$((port + 1))
    done
    echo "$port"
}

# fetch PORT PATH: status and body of an answer
fetch()
{
    curl -ks --noproxy '*' --max-time 10 -w '\n%{http_code}\n' "https://127.0.0.1:$1$2"
}

part_run()
{
    local root=$1 port pid ready='' start=$SECONDS
    port=$(free_port)
    (in_checkout "$root" scripts/run --sample --port "$port") \
        >"$root.out" 2>"$root.err" </dev/null &
    pid=$!
    while [ -z "$ready" ] && kill -0 $pid 2>/dev/null &&
        [ $((SECONDS - start)) -lt 1500 ]; do
        sleep 1
        ready=$(grep '^ready ' "$root.out")
    done
    [ "$ready" = "ready https://127.0.0.1:$port/" ]
    verdict $? "scripts/run --sample is ready from a bare Debian"
    say "ready after $((SECONDS - start)) s"
    [ -n "$ready" ] || sed 's/^/# /' "$root.err"

    fetch "$port" / | tr '\n' ' ' | grep -q '<script.*</html> *200 $'
    verdict $? "the page is served"
    fetch "$port" /health | tr '\n' ' ' | grep -q '"healthy".* 200 $'
    verdict $? "/health says healthy"
    (in_checkout "$root" build/release/bin/dum-admin --config var/dum.conf stats --json) | grep -Eq '"(total_)?records": *[1-9]'
    verdict $? "the sample data is there"

    kill -TERM $pid
    wait $pid
    verdict $? "TERM stops it with status 0"
}

part_test()
{
    local root=$1 start=$SECONDS
    (in_checkout "$root" scripts/test) >"$root.out" 2>"$root.err" </dev/null
    verdict $? "scripts/test passes from a bare Debian"
    say "$(tail -n 1 "$root.out"), after $((SECONDS - start)) s"
    [ "$failed" = 0 ] || {
        tail -n 40 "$root.err" | sed 's/^/# /'
        grep -v '^ok ' "$root.out" | tail -n 400 | sed 's/^/# /'
    }
}

# --- the whole ------------------------------------------------------------

# Inside the namespaces.
run_parts()
{
    local dir=$1 part
    shift
    private_mounts
    make_base "$dir/base"
    git clone -q --no-hardlinks "$top" "$dir/base/srv/checkout" ||
        die "the checkout could not be cloned"
    for part in "$@"; do
        cp -a "$dir/base" "$dir/$part" || die "the base could not be copied"
        mount_root "$dir/$part"
        "part_$part" "$dir/$part"
    done
    finish_tap
}

main()
{
    while [ $# -gt 0 ]; do
        case $1 in
        --keep) keep=yes ;;
        run | test) parts+=("$1") ;;
        --help) sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" && exit 0 ;;
        *) printf 'fresh-root: unknown word %s\n' "$1" >&2 && exit 2 ;;
        esac
        shift
    done
    [ ${#parts[@]} -gt 0 ] || parts=(run test)
    inside_namespaces "$keep" "${parts[@]}"
}

if [ "${1-}" = --inside ]; then
    shift
    run_parts "$@"
else
    main "$@"
fi

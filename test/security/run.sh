#!/bin/bash
# Attack a service of our own with the usual tools and say what they found.
#
# usage: test/security/run.sh [--keep DIR] [TOOL...]
#
#   TOOL        tls, slow, wapiti, sqlmap, timing; all without any
#   --keep DIR  leave the tools' reports there
#
# Each tool gets a service of its own on loopback, with an account and a key.
# It takes a while (sqlmap most of all), so scripts/test does not run it. Exit
# status: 0 nothing found, 1 something was, or a tool did not get to its end.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=service.sh
. "$here/service.sh"

DUM_OUT='' keep=no tools=()
summary=()

wrong_usage()
{
    sed -n '4,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --keep)
        [ $# -ge 2 ] || wrong_usage
        DUM_OUT=$2 keep=yes
        shift
        ;;
    tls | slow | wapiti | sqlmap | timing) tools+=("$1") ;;
    *) wrong_usage ;;
    esac
    shift
done
[ ${#tools[@]} -gt 0 ] || tools=(tls slow wapiti timing sqlmap)

# Called by the trap.
# shellcheck disable=SC2317
finish()
{
    service_stop
    [ "$keep" = yes ] || rm -rf "$DUM_OUT"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

"$top/scripts/deps" --security || exit 1
make -s -C "$top" || exit 1
if [ "$keep" = yes ]; then
    mkdir -p "$DUM_OUT"
else
    DUM_OUT=$(mktemp -d)
fi
export DUM_OUT BIN

# Settings and arguments that a tool needs of its service. The limits of nginx
# would answer most of an attack in the program's place; the delays after
# failed log-ins would too, so each request may come from an address of its own.
start_for()
{
    case $1 in
    tls) service_start tls ;;
    timing) service_start timing TRUSTED_PROXIES=127.0.0.1 -- \
        --unlimited --workers 1 ;;
    *) service_start "$1" TRUSTED_PROXIES=127.0.0.1 -- --unlimited ;;
    esac
}

# TOOL.sh or TOOL.py says one line on stdout: what it found.
attack()
{
    local tool=$1 begun=$SECONDS verdict='nothing found' line
    local attacker=$here/$tool.sh
    [ -x "$attacker" ] || attacker=$here/$tool.py
    start_for "$tool" || {
        summary+=("$tool|NOT RUN|$((SECONDS - begun)) s|no service")
        return 1
    }
    line=$("$attacker" 2>"$DUM_OUT/$tool.log") || verdict=FOUND
    if ! service_is_sound >"$DUM_OUT/$tool.after" 2>&1; then
        verdict=FOUND
        line="$line; afterwards: $(head -n 1 "$DUM_OUT/$tool.after")"
    fi
    if [ "$verdict" = FOUND ]; then
        tail -n 40 "$DUM_OUT/$tool.log" "$DUM_OUT/$tool.after"
        cp "$DUM_STATE"/log/*.log "$DUM_OUT" 2>/dev/null
    fi
    service_stop
    summary+=("$tool|$verdict|$((SECONDS - begun)) s|$line")
    [ "$verdict" != FOUND ]
}

status=0
for tool in "${tools[@]}"; do
    echo "== $tool"
    attack "$tool" || status=1
done
printf '%s\n' "${summary[@]}" | awk -F '|' \
    '{ printf "%-8s %-14s %7s  %s\n", $1, $2, $3, $4 }'
exit $status

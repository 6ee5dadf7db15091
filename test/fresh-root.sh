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
# Without a word both, each in a root of its own: debootstrap's minimal variant
# and a clean clone of what is committed here, no more. The roots are entered
# by chroot inside mount and process namespaces of their own, so that nothing
# that runs or is mounted in there outlives this script. Needs root,
# debootstrap, git, curl, 4 GB in $TMPDIR (/tmp) and a package mirror.
#
# What a machine needs to reach its mirrors is not part of the checkout: apt's
# sources, proxies, npm's registry and a private certificate authority are
# those of this machine, read when the script runs. Prints TAP.
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
SUITE=bookworm
keep=no parts=() count=0 failed=0

say() { printf '# %s\n' "$*"; }

die()
{
    printf 'fresh-root: %s\n' "$*" >&2
    exit 1
}

# verdict STATUS NAME
verdict()
{
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        printf 'ok %d - %s\n' "$count" "$2"
    else
        printf 'not ok %d - %s\n' "$count" "$2"
        failed=$((failed + 1))
    fi
}

# --- the root -------------------------------------------------------------

# Only apt knows what its $(...) stand for.
# shellcheck disable=SC2016
# This machine's sources of Debian packages of the suite, one a line.
sources()
{
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' |
        awk -v suite=$SUITE '$1 == "Debian" && index($3, suite) == 1 &&
            $4 == "main" { print "deb", $2, $3, $4 }' | sort -u
}

make_base()
{
    local base=$1 mirror include=()
    mirror=$(sources | awk -v suite=$SUITE '$3 == suite { print $2; exit }')
    [ -n "$mirror" ] || die "apt's sources name no mirror of $SUITE"
    # Without it apt in the root could not fetch from such a mirror.
    [[ $mirror != https:* ]] || include=(--include=ca-certificates)
    debootstrap --variant=minbase "${include[@]}" "$SUITE" "$base" "$mirror" \
        >"$base.log" 2>&1 || {
        tail -n 20 "$base.log" >&2
        die "debootstrap failed"
    }
    sources >"$base/etc/apt/sources.list"
    apt-config dump | grep -E '^Acquire::https?::(proxy|CaInfo)' \
        >"$base/etc/apt/apt.conf.d/90machine"
    cp -L /etc/resolv.conf "$base/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$base/etc/hosts"
    git clone -q --no-hardlinks "$top" "$base/srv/checkout" ||
        die "the checkout could not be cloned"
}

# NAME=VALUE lines of the few variables that lead to mirrors.
environment()
{
    local base=$1 name ca=${NODE_EXTRA_CA_CERTS-} registry=''
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!name-}" ] || echo "$name=${!name}"
    done
    if command -v npm >/dev/null; then
        registry=$(cd / && npm config get registry)
        [ -n "$ca" ] || ca=$(cd / && npm config get cafile)
    fi
    [[ ! $registry =~ ^https?: ]] || echo "npm_config_registry=$registry"
    if [ -f "$ca" ]; then
        cp "$ca" "$base/etc/machine-ca.pem"
        echo "NODE_EXTRA_CA_CERTS=/etc/machine-ca.pem"
        echo "npm_config_cafile=/etc/machine-ca.pem"
    fi
}

# mount_root ROOT: what a running system has
mount_root()
{
    {
        # As in a running system, its root is the root of a mount: programs
        # that make a mount namespace of their own rely on that.
        mount --bind "$1" "$1" &&
            mount -t proc proc "$1/proc" &&
            mount --rbind /dev "$1/dev" &&
            mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" &&
            mount --rbind /sys "$1/sys"
    } || die "can not mount into $1"
}

# in_root ROOT COMMAND...: as a root user who has just logged in. In place of
# the subshell that it is called in, which then has the command's signals.
in_root()
{
    local root=$1
    shift
    exec env -i HOME=/root LOGNAME=root USER=root TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${carried[@]}" chroot "$root" sh -c 'cd /srv/checkout && exec "$@"' sh "$@"
}

# --- the two commands -----------------------------------------------------

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
    (in_root "$root" scripts/run --sample --port "$port") \
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
    (in_root "$root" build/release/bin/dum-admin --config var/dum.conf stats --json) | grep -Eq '"(total_)?records": *[1-9]'
    verdict $? "the sample data is there"

    kill -TERM $pid
    wait $pid
    verdict $? "TERM stops it with status 0"
}

part_test()
{
    local root=$1 start=$SECONDS
    (in_root "$root" scripts/test) >"$root.out" 2>"$root.err" </dev/null
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
    mount --make-rprivate / || die "no mount namespace of its own"
    say "debootstrap $SUITE"
    make_base "$dir/base"
    mapfile -t carried < <(environment "$dir/base")
    for part in "$@"; do
        cp -a "$dir/base" "$dir/$part" || die "the base could not be copied"
        mount_root "$dir/$part"
        "part_$part" "$dir/$part"
    done
    printf '1..%d\n' "$count"
    [ "$failed" = 0 ]
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
    [ "$(id -u)" = 0 ] || die "only root can make a root file system"
    for program in debootstrap git curl unshare; do
        command -v "$program" >/dev/null || die "$program is not installed"
    done

    local dir status
    dir=$(mktemp -d) || exit 1
    # Whatever ends this script ends the namespace's first process, and that
    # all others in it; their mounts go with them.
    trap 'exit 1' INT TERM HUP
    unshare --mount --pid --fork --kill-child \
        "$0" --inside "$dir" "${parts[@]}" &
    trap 'kill $! 2>/dev/null; exit 1' INT TERM HUP
    wait $!
    status=$?
    if [ "$keep" = yes ]; then
        say "kept in $dir"
    else
        rm -rf --one-file-system "$dir"
    fi
    exit $status
}

if [ "${1-}" = --inside ]; then
    shift
    run_parts "$@"
else
    main "$@"
fi

#!/bin/bash
# What the tests in fresh Debian roots share; sourced by them.
#
# A root is debootstrap's minimal variant. It is entered by chroot inside mount
# and process namespaces of its own, so that nothing that runs or is mounted in
# there outlives the test. Needs root, debootstrap, git, curl, unshare, some GB
# in $TMPDIR (/tmp) and a package mirror.
#
# What a machine needs to reach its mirrors is not part of the checkout: apt's
# sources, proxies, npm's registry and a private certificate authority are
# those of this machine, read when the test runs. Prints TAP.

SUITE=bookworm
count=0 failed=0
carried=()

say() { printf '# %s\n' "$*"; }

die()
{
    printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
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

# What the command of the last verdict said.
said=/tmp/said

# ok NAME COMMAND...: a verdict by the command's status; what it said on failure
ok()
{
    local what=$1 status
    shift
    "$@" >"$said" 2>&1 </dev/null
    status=$?
    verdict $status "$what"
    [ $status = 0 ] || tail -n 15 "$said" | sed 's/^/# /'
    return $status
}

not() { ! "$@"; }

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

# make_base ROOT: what debootstrap makes, and the way to this machine's mirrors
make_base()
{
    local base=$1 mirror include=()
    mirror=$(sources | awk -v suite=$SUITE '$3 == suite { print $2; exit }')
    [ -n "$mirror" ] || die "apt's sources name no mirror of $SUITE"
    # Without it apt in the root could not fetch from such a mirror.
    [[ $mirror != https:* ]] || include=(--include=ca-certificates)
    say "debootstrap $SUITE"
    debootstrap --variant=minbase "${include[@]}" "$SUITE" "$base" "$mirror" \
        >"$base.log" 2>&1 || {
        tail -n 20 "$base.log" >&2
        die "debootstrap failed"
    }
    # Nothing in it has to outlive a power cut.
    echo force-unsafe-io >"$base/etc/dpkg/dpkg.cfg.d/90unsafe"
    sources >"$base/etc/apt/sources.list"
    apt-config dump | grep -E '^Acquire::https?::(proxy|CaInfo)' \
        >"$base/etc/apt/apt.conf.d/90machine"
    cp -L /etc/resolv.conf "$base/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$base/etc/hosts"
    mapfile -t carried < <(environment "$base")
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
        "${carried[@]}" chroot "$root" sh -c 'cd /srv && exec "$@"' sh "$@"
}

# The last line, and the test's status.
finish_tap()
{
    printf '1..%d\n' "$count"
    [ "$failed" = 0 ]
}

# inside_namespaces KEEP WORDS...: this script again with --inside FOLDER WORDS,
# in namespaces of its own and with a folder that goes afterwards (KEEP: no).
inside_namespaces()
{
    local keep=$1 dir status program
    shift
    [ "$(id -u)" = 0 ] || die "only root can make a root file system"
    for program in debootstrap git curl unshare; do
        command -v "$program" >/dev/null || die "$program is not installed"
    done
    dir=$(mktemp -d) || exit 1
    # Whatever ends this script ends the namespace's first process, and that
    # all others in it; their mounts go with them.
    trap 'exit 1' INT TERM HUP
    unshare --mount --pid --fork --kill-child "$0" --inside "$dir" "$@" &
    trap 'kill $! 2>/dev/null; wait; [ "$keep" = yes ] || rm -rf --one-file-system "$dir"; exit 1' INT TERM HUP
    wait $!
    status=$?
    if [ "$keep" = yes ]; then
        say "kept in $dir"
    else
        rm -rf --one-file-system "$dir"
    fi
    exit $status
}

private_mounts() { mount --make-rprivate / || die "no mount namespace of its own"; }

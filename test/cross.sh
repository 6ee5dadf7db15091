#!/bin/bash
# The package for the machines that it is made for, built on this one: arm64 and
# armhf, cross-built in a fresh Debian root. Their tools run there by qemu-user,
# on databases and backups that tools of this machine's own architecture made,
# and the other way round.
#
# usage: test/cross.sh [--keep]
#
#   --keep  leave the root where it is and say where
#
# All three packages come from one tarball and are built in the root, so that
# this machine gets no foreign libraries. qemu is called by its name: nothing is
# registered with the kernel. test/root.sh says how roots are made and what it
# takes. What the tools tell is held against sqlite3 and against what the
# tools of this machine say. Prints TAP and figures.
#
# "a && b || die" is meant as it is: die never comes back.
# shellcheck disable=SC2015
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
# shellcheck source=test/root.sh
. "$top/test/root.sh"

name=data-usage-monitor
here=$(dpkg --print-architecture)
foreign=()
for arch in amd64 arm64 armhf; do [ "$arch" = "$here" ] || foreign+=("$arch"); done

# What qemu, ELF headers and libraries' folders call an architecture.
declare -A qemu=([amd64]=x86_64 [arm64]=aarch64 [armhf]=arm)
declare -A machine=([amd64]='Advanced Micro Devices X86-64' [arm64]=AArch64 [armhf]=ARM)

# --- building, in the root ----------------------------------------------------

install_compilers()
{
    local arch wanted=(qemu-user-static sqlite3 binutils build-essential debhelper spawn-fcgi)
    export DEBIAN_FRONTEND=noninteractive
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
    # Libraries of two architectures go together in the same version alone, and
    # security updates reach each at a time of its own.
    sed -i '/-security /d' /etc/apt/sources.list
    for arch in "${foreign[@]}"; do
        dpkg --add-architecture "$arch" || return 1
        wanted+=("crossbuild-essential-$arch")
    done
    apt-get -q update && apt-get -q -y --no-install-recommends install "${wanted[@]}" || return 1
    tar -xf "$name".tar.gz
}

# What debian/control asks for: the package's own word, not a list here. Before
# each build, since libgcrypt20-dev is there for one architecture at a time; the
# libraries that programs run with stay for all.
install_libraries()
{
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -a "$1" \
        -P cross,nocheck build-dep "./$(echo "$name"-*/)"
}

# build ARCH: its package into /srv/ARCH, and its files below /srv/ARCH/root
build()
{
    local start=$SECONDS
    mkdir -p "$1/root"
    install_libraries "$1" && start=$SECONDS &&
        scripts/deb "$name.tar.gz" "$1" "$1" && dpkg-deb -x "$(package "$1")" "$1/root" || return 1
    say "$1: $(stat -c %s "$(package "$1")") bytes, built in $((SECONDS - start)) s"
}

package() { echo "$1/${name}"_*_"$1".deb; }

# --- what was built -----------------------------------------------------------

# programs ARCH: the paths of what was compiled, one a line
programs() { find "$1/root/usr" -type f \( -path '*/bin/dum-*' -o -name dum-api \); }

all_are_for()
{
    local program wrong=0 count=0
    while read -r program; do
        count=$((count + 1))
        readelf -hW "$program" | grep -q "Machine: *${machine[$1]}" || {
            echo "$program is for another machine"
            wrong=1
        }
    done < <(programs "$1")
    [ $wrong = 0 ] && [ $count = 6 ]
}

all_are_hardened()
{
    local program wrong=0
    [ -n "$(programs "$1")" ] || return 1
    while read -r program; do
        readelf -hW "$program" | grep -q 'Type: *DYN' &&
            readelf -lW "$program" | grep -q GNU_RELRO &&
            readelf -dW "$program" | grep -q 'FLAGS.*NOW' || {
            echo "$program lacks PIE, relro or now"
            wrong=1
        }
    done < <(programs "$1")
    return $wrong
}

# The same files as this machine's own package has, but for what is compiled.
same_files() { [ -d "$1/root/usr" ] && diff <(cd "$1/root" && find . | sort) <(cd "$here/root" && find . | sort); }

# A file of more than 2 GiB, and a year past 2037, on a machine of 32 bits.
takes_large_files()
{
    [ "$1" != armhf ] || readelf --dyn-syms -W "$1/root/usr/bin/dum-backup" |
        grep -Eq ' (open64|__fstat64_time64|fopen64|pread64)@'
}

# --- what it does -------------------------------------------------------------

# tool ARCH PROGRAM WORDS...: that architecture's, on the database of $case
tool()
{
    local arch=$1 program=$2 run=()
    [ "$arch" = "$here" ] || run=("qemu-${qemu[$arch]}-static")
    "${run[@]}" "$arch/root/usr/bin/$program" --config "$case/dum.conf" "${@:3}"
}

# new_case NAME: a folder with settings, nothing else
new_case()
{
    case=/srv/case/$1
    rm -rf "$case" && mkdir -p "$case" && cat >"$case/dum.conf" <<END
DATABASE_PATH=$case/data_usage.db
DATABASE_BACKUP_DIR=$case/backups
SECRET_KEY_FILE=$case/secret.key
AUDIT_ANCHOR_FILE=$case/anchors.log
BACKUP_KEY_FILE=$case/backup.key
TIMEZONE=Europe/Berlin
MAX_DAILY_GB=100000
END
    (umask 077 && od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$case/backup.key")
}

# days SQL: by the sqlite3 program, which is none of ours
days() { sqlite3 "file:$case/data_usage.db?mode=ro" "$1"; }

# table LOCATION DAY COUNT: a long table, with sizes that 32 bits can not hold
table()
{
    echo date,location,usage_gb
    sqlite3 -separator , :memory: "WITH RECURSIVE n(i) AS
        (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $3 - 1)
        SELECT date('$2', i || ' days'), '$1',
            format('%d.%09d', i * 7919 % 90000, i * 104729 % 1000000000) FROM n"
}

# sum_of FILE: its rows and bytes, by awk in whole numbers
sum_of()
{
    awk -F, 'FNR > 1 { split($3, gb, "."); giga += gb[1]; bytes += gb[2]; rows++ }
        END { giga += int(bytes / 1e9); printf "%d|%d%09d\n", rows, giga, bytes % 1e9 }' "$@"
}

import()
{
    table "$2" "$3" "$4" >"$case/$2.csv" &&
        tool "$1" dum-import --allow-future "$case/$2.csv"
}

has_all()
{
    [ "$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')" = \
        "$(sum_of "$case"/*.csv)" ]
}

sound() { [ "$(days 'PRAGMA integrity_check')" = ok ]; }

# same_export ONE OTHER FORMAT: both tools write the same bytes
same_export()
{
    tool "$1" dum-export --format "$3" >/tmp/one && tool "$2" dum-export --format "$3" >/tmp/other &&
        [ "$(wc -l </tmp/one)" -gt 3 ] && cmp /tmp/one /tmp/other
}

same_figures()
{
    tool "$1" dum-admin stats --json >/tmp/one && tool "$2" dum-admin stats --json >/tmp/other &&
        grep -q records /tmp/one && cmp /tmp/one /tmp/other
}

# newest: the newest backup's name
newest() { tool "$here" dum-backup list --json | tr '{' '\n' | sed -n 's/.*"file":"\([^"]*\)".*/\1/p' | sort | tail -n 1; }

# restores MAKER READER: what one backed up, the other proves and restores
restores()
{
    local made before
    before=$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')
    tool "$1" dum-backup create --with-config || return 1
    made=$(newest)
    [[ $made = *.enc ]] || return 1
    tool "$2" dum-backup verify "$made" --level 3 || return 1
    table "after$1" 2023-11-14 5 | tool "$2" dum-import - || return 1
    [ "$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')" != "$before" ] || return 1
    tool "$2" dum-backup restore "$made" --confirm || return 1
    [ "$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')" = "$before" ]
}

# brought_back MAKER READER: the same into nothing, as on a new machine
brought_back()
{
    local before made
    before=$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')
    tool "$1" dum-backup create --name gone || return 1
    made=$(newest)
    rm -f "$case"/data_usage.db*
    tool "$2" dum-backup restore "$made" --confirm --whole &&
        [ "$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')" = "$before" ]
}

undone()
{
    local before id
    before=$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')
    table undo 2020-09-13 9 | tool "$1" dum-import - || return 1
    id=$(days 'SELECT max(id) FROM imports')
    tool "$2" dum-import --undo "$id" &&
        [ "$(days 'SELECT count(*), sum(usage_bytes) FROM daily_usage')" = "$before" ]
}

# as_each_other MAKER READER: a database of MAKER's, used by both
as_each_other()
{
    local maker=$1 reader=$2
    new_case "$maker-$reader"
    ok "$maker makes a database" tool "$maker" dum-admin init
    ok "$maker takes in a year" import "$maker" first 2024-01-01 366
    ok "$reader takes in another, past 2038" import "$reader" second 2040-12-31 365
    ok "all of it is there, by sqlite3" has_all
    ok "and the file is sound" sound
    ok "$reader tells what $maker does" same_export "$maker" "$reader" wide
    ok "and in JSON" same_export "$maker" "$reader" json
    ok "$reader has the figures of $maker" same_figures "$maker" "$reader"
    ok "$reader takes back what $maker took in" undone "$maker" "$reader"
    ok "$reader restores what $maker backed up" restores "$maker" "$reader"
    ok "into nothing, too" brought_back "$maker" "$reader"
    ok "$maker checks the journal of both" tool "$maker" dum-admin audit verify
    ok "and so does $reader" tool "$reader" dum-admin audit verify
    ok "dum-verify of $reader is content" tool "$reader" dum-verify
}

# A changed day is found by the tool of another machine: its chain is no luck.
finds_what_was_changed()
{
    new_case "changed-$1"
    tool "$here" dum-admin init && import "$here" first 2024-01-01 20 &&
        sqlite3 "$case/data_usage.db" "PRAGMA wal_autocheckpoint = 0;
            DROP TRIGGER journal_no_update;
            UPDATE journal SET actor = 'nobody' WHERE id = 3;" &&
        not tool "$1" dum-admin audit verify
}

in_the_root()
{
    local arch
    install_compilers >compilers.log 2>&1 || {
        tail -n 20 compilers.log
        die "the compilers could not be installed"
    }
    say "compilers after $SECONDS s"
    for arch in "$here" "${foreign[@]}"; do
        ok "the package is built for $arch" build "$arch"
        grep '^# ' "$said"
    done
    for arch in "${foreign[@]}"; do
        ok "$arch: its programs are for it" all_are_for "$arch"
        ok "$arch: and hardened" all_are_hardened "$arch"
        ok "$arch: its files are those of $here" same_files "$arch"
        ok "$arch: large files and late years fit" takes_large_files "$arch"
        as_each_other "$here" "$arch"
        as_each_other "$arch" "$here"
        ok "$arch: finds what was changed" finds_what_was_changed "$arch"
    done
    as_each_other "${foreign[@]}"
    finish_tap
}

# --- the whole ------------------------------------------------------------------

run_all()
{
    local dir=$1 root=$1/root status
    private_mounts
    make -s -C "$top" www >"$dir/log" 2>&1 &&
        "$top/scripts/dist" "$dir" >>"$dir/log" 2>&1 || {
        tail -n 20 "$dir/log"
        die "the tarball could not be made"
    }
    make_base "$root"
    mkdir "$root/srv/test" "$root/srv/scripts"
    cp "$dir/$name"-*.tar.gz "$root/srv/$name.tar.gz"
    cp "$top"/test/{cross,root}.sh "$root/srv/test/"
    cp "$top/scripts/deb" "$root/srv/scripts/"
    mount_root "$root"
    (in_root "$root" bash test/cross.sh --in-root)
    status=$?
    say "all of it took $SECONDS s"
    return $status
}

case ${1-} in
--inside) run_all "$2" ;;
--in-root) in_the_root ;;
--help) sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" ;;
--keep) inside_namespaces yes all ;;
'') inside_namespaces no all ;;
*) echo "cross: unknown word $1" >&2 && exit 2 ;;
esac

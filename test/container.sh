#!/bin/bash
# The image of the Dockerfile, and the three containers of compose.yaml, without
# an engine: buildah builds the image in a fresh Debian root, and each container
# is a chroot into it with namespaces, user, volumes and a root that is read
# only, as compose.yaml has them (test/it/test_containers.py holds that file
# against the rules).
#
# usage: test/container.sh [--keep]
#
#   --keep  leave the roots where they are and say where
#
# The base image is what debootstrap makes. Not seen here: an engine's own
# parts, which are pulling the base image, publishing ports, cgroup limits, and
# restarting what ended or is not healthy. test/root.sh says how roots are made
# and what it takes. Prints TAP and figures.
#
# "a && b || die" is meant as it is: die never comes back.
# shellcheck disable=SC2015
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
# shellcheck source=test/root.sh
. "$top/test/root.sh"

name='data-usage-monitor'
host=usage.test
state=/var/lib/$name
base=docker.io/library/debian:bookworm-slim
phrase='seven grey herons wade'

# --- the image, in the root that has buildah --------------------------------------

build_image()
{
    local box image variable
    export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
    apt-get -q update && DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install buildah || return 1
    box=$(buildah from scratch) && buildah add -q "$box" base.tar / || return 1
    # The way to this machine's mirrors, which an engine has in settings of its own.
    while read -r variable; do
        buildah config --env "$variable" "$box" || return 1
    done <carried
    buildah commit -q --rm "$box" "$base" || return 1
    buildah bud --pull-never --network host --format docker --tag "$name" context || return 1
    buildah inspect --type image "$name" >image.json
    image=$(buildah from --pull-never "$name") && mkdir image &&
        cp -a "$(buildah mount "$image")/." image/
}

# --- containers ---------------------------------------------------------------

# box WRITABLE USER:GROUP NETWORK WORDS...: one, as compose.yaml starts it; its
# mounts and processes end with it. WRITABLE are volumes.
box()
{
    local volumes=$1 ids=$2 network=$3 own=()
    shift 3
    [ "$network" = web ] || own=(--net)
    # In place of the subshell that it is called in, which has its signals.
    # shellcheck disable=SC2016
    exec unshare --mount --pid --ipc --uts "${own[@]}" --fork --kill-child=TERM bash -c '
        image=$1 place=$2 volumes=$3 ids=$4 host=$5
        shift 5
        mount --bind "$image" "$image" && mount -o remount,bind,ro "$image" || exit 1
        for volume in $volumes; do
            mount --bind "$place/${volume//\//_}" "$image$volume" || exit 1
        done
        mount -t tmpfs -o size=64m,mode=1777 tmpfs "$image/tmp" &&
            mount -t proc proc "$image/proc" && mount -t tmpfs tmpfs "$image/dev" || exit 1
        for node in null zero random urandom; do
            : >"$image/dev/$node" && mount --bind "/dev/$node" "$image/dev/$node" || exit 1
        done
        ln -s /proc/self/fd "$image/dev/fd" && ln -s /proc/self/fd/1 "$image/dev/stdout" &&
            ln -s /proc/self/fd/2 "$image/dev/stderr"
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            TIMEZONE=UTC DUM_WORKERS=2 DUM_SERVER_NAME="$host" DUM_SCHEDULE=daily \
            chroot "$image" setpriv --reuid "${ids%:*}" --regid "${ids#*:}" --clear-groups \
            --no-new-privs --bounding-set=-all --inh-caps=-all -- dum-container "$@"' \
        bash "$image" "$place" "$volumes" "$ids" "$host" "$@"
}

service_box() { box "$state /run/$name" datamonitor:datamonitor none "$@"; }
jobs_box() { box "$state" datamonitor:datamonitor none "$@"; }
web_box()
{
    box "/run/$name /etc/$name/tls /var/cache/$name" www-data:datamonitor web "$@"
}

# An engine gives a new volume the owner and the mode of its folder in the image.
make_volumes()
{
    local path
    place=$dir/volumes
    rm -rf "$place" && mkdir "$place" || return 1
    for path in "$state" "/run/$name" "/etc/$name/tls" "/var/cache/$name"; do
        cp -a "$image$path" "$place/${path//\//_}" || return 1
    done
    data=$place/${state//\//_}
}

# until_ok COMMAND...: within two minutes
until_ok()
{
    local tries
    for ((tries = 0; tries < 240; tries++)); do
        ("$@") >"$said" 2>&1 && return 0
        sleep 0.5
    done
    cat "$said"
    return 1
}

# api METHOD PATH [BODY]: the status; the body lies in $dir/answer
api()
{
    curl -ksS --max-time 20 -c "$dir/cookies" -b "$dir/cookies" -X "$1" --noproxy '*' \
        --resolve "$host:8443:127.0.0.1" -H 'Content-Type: application/json' \
        ${3:+-d "$3"} -o "$dir/answer" -w '%{http_code}' "https://$host:8443$2"
}

gets() { [ "$(api GET "$1")" = "${2:-200}" ]; }

# stop PID: as an engine does, by TERM to the container's first process
stop()
{
    pkill -TERM -P "$1" || return 1
    wait "$1"
    not kill -0 "$1" 2>/dev/null
}

stop_the_others()
{
    stop "$jobs" && stop "$web"
}

start()
{
    # As an engine does: what a container writes to is its user's.
    touch "$dir/service.log" "$dir/jobs.log" "$dir/web.log" && chmod 666 "$dir"/*.log || return 1
    (service_box serve) >"$dir/service.log" 2>&1 </dev/null &
    service=$!
    until_ok healthy service serve || return 1
    (jobs_box jobs) >"$dir/jobs.log" 2>&1 </dev/null &
    jobs=$!
    (web_box web) >"$dir/web.log" 2>&1 </dev/null &
    web=$!
    until_ok healthy web web
}

# healthy SERVICE ROLE: by the command of its health check, in its namespaces.
# Not until the box has become the image does it have the command.
healthy() { inside "$1" dum-container healthy "$2"; }

# inside SERVICE WORDS...: as "docker compose exec" would
inside()
{
    local pid ids=990:990
    pid=$(pgrep -P "${!1}" | head -n 1)
    [ -n "$pid" ] || return 1
    [ "$1" != web ] || ids=33:990
    nsenter --target "$pid" --mount --pid --net --ipc --uts env -i DUM_SERVER_NAME="$host" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TIMEZONE=UTC \
        chroot "$image" setpriv --reuid "${ids%:*}" --regid "${ids#*:}" \
        --clear-groups --no-new-privs "${@:2}"
}

first_admin()
{
    local token
    token=$(sed 's|.*/#/setup/||' "$data/setup-link")
    [ "$(api POST /api/auth/setup \
        "{\"token\":\"$token\",\"username\":\"anna\",\"password\":\"$phrase\"}")" = 201 ] &&
        rm -f "$dir/cookies" && [ "$(api POST /api/auth/login \
        "{\"username\":\"anna\",\"password\":\"$phrase\"}")" = 200 ]
}

days() { sqlite3 "file:$data/data_usage.db?mode=ro" 'SELECT count(*), sum(usage_bytes) FROM daily_usage'; }

import_days()
{
    printf 'date,location,usage_gb\n2024-05-20,north,1.5\n2024-05-21,north,2.25\n2024-05-21,south,4\n' \
        >"$data/usage.csv"
    inside service dum-import "$state/usage.csv" && [ "$(days)" = '3|7750000000' ]
}

# What a process may: its line of /proc/PID/status, of each in the container.
all_lack_rights()
{
    local pid count=0
    for pid in $(pgrep -P "${!1}") $(pgrep -P "$(pgrep -P "${!1}" | head -n 1)"); do
        # Of a job at hand, and gone since.
        [ -e "/proc/$pid/status" ] || continue
        count=$((count + 1))
        [ "$(awk '/^Cap(Inh|Prm|Eff|Bnd|Amb):/ { print $2 }' "/proc/$pid/status" | sort -u)" = \
            0000000000000000 ] && grep -q '^NoNewPrivs:.1$' "/proc/$pid/status" &&
            [ "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" != 0 ] || {
            cat "/proc/$pid/status"
            return 1
        }
    done
    [ $count -ge 1 ]
}

writes_nothing_else()
{
    local path
    for path in /etc/x /usr/bin/x "/usr/share/$name/www/x"; do
        inside "$1" touch "$path" 2>&1 | grep -q 'Read-only' || return 1
    done
}

is_shipped() { find "$data/backups/journal" -type f -size +0 | grep -q .; }

has_no_network() { [ "$(inside "$1" cat /proc/net/dev | grep -vc ' lo:')" = 2 ]; }

settings_of_the_image()
{
    python3 - "$dir/tool/srv/image.json" <<'END'
import json, sys
image = json.load(open(sys.argv[1]))["Docker"]["config"]
assert image["User"] == "datamonitor", image
assert image["Entrypoint"] == ["dum-container"] and image["Cmd"] == ["serve"], image
assert image["Healthcheck"]["Test"] == ["CMD", "dum-container", "healthy", "serve"], image
assert "/var/lib/data-usage-monitor" in image["Volumes"], image
END
}

life_of_the_containers()
{
    image=$dir/tool/srv/image
    ok "the image has user, health check, volumes" settings_of_the_image
    say "image $(du -sm "$image" | cut -f1) MB, of it the base $(du -sm "$dir/base" | cut -f1) MB"
    ok "no compiler and no node is in it" not sh -c "find '$image' -name 'gcc*' -path '*/bin/*' \
        -o -name node -path '*/bin/*' | grep ."
    ok "the programs find their libraries" not sh -c "chroot '$image' sh -c \
        'ldd /usr/bin/dum-* /usr/lib/$name/dum-api' | grep 'not found'"
    ok "volumes are made" make_volumes
    ok "the containers start" start
    ok "the workers are healthy" healthy service serve
    ok "nginx is" healthy web web
    ok "the jobs are" until_ok healthy jobs jobs
    ok "the page is served over TLS" gets /
    ok "/health answers" gets /health
    ok "another name is refused" test "$(curl -ks --noproxy '*' -o /dev/null -w '%{http_code}' \
        https://127.0.0.1:8443/)" = 421
    ok "plain HTTP leads to TLS" test "$(curl -s --noproxy '*' -o /dev/null -w '%{redirect_url}' \
        http://127.0.0.1:8080/x)" = "https://$host/x"
    ok "the link makes the first admin, who logs in" first_admin
    ok "a table is taken in" import_days
    ok "the overview tells of it" gets /api/dashboard/overview
    for box in service jobs web; do
        ok "$box: nobody in there has a right" all_lack_rights $box
        ok "$box: nothing but volumes is written" writes_nothing_else $box
    done
    ok "service: no network" has_no_network service
    ok "jobs: no network" has_no_network jobs
    ok "the jobs shipped the journal" until_ok is_shipped
    ok "a backup" inside service dum-backup create
    ok "is proven" inside service dum-backup verify --latest 1 --level 3
    ok "web does not see the data" not inside web ls $state/data_usage.db
    ok "nothing secret is told" not grep -hE '#/setup/|PRIVATE' "$dir"/{service,jobs,web}.log
    ok "the workers end when told" stop "$service"
    ok "and the others" stop_the_others
    ok "started again" start
    ok "the days are there" test "$(days)" = '3|7750000000'
    ok "and the session goes on" gets /api/dashboard/overview
    stop "$service"
    stop_the_others
    finish_tap
}

# --- the whole ------------------------------------------------------------------

run_all()
{
    dir=$1 said=$1/said
    local start=$SECONDS
    private_mounts
    # The processes that are told apart are those of here.
    mount -t proc proc /proc || die "no /proc of its own"
    make_base "$dir/base"
    cp -a "$dir/base" "$dir/tool" && mkdir "$dir/tool/srv/context" || die "no room"
    # What git knows, as it is here: what an engine gets from a fresh checkout.
    (cd "$top" && git ls-files -z | tar --null -T - -cf -) | tar -C "$dir/tool/srv/context" -xf - &&
        tar -C "$dir/base" -cf "$dir/tool/srv/base.tar" . || die "the context could not be made"
    printf '%s\n' "${carried[@]}" >"$dir/tool/srv/carried"
    mkdir "$dir/tool/srv/test" && cp "$top"/test/{container,root}.sh "$dir/tool/srv/test/"
    mount_root "$dir/tool"
    ok "the image is built" in_tool
    [ "$failed" = 0 ] || {
        tail -n 30 "$said" | sed 's/^/# /'
        finish_tap
        return
    }
    say "built in $((SECONDS - start)) s"
    # From here on a network of its own: nobody else's ports, and none outside.
    cd / || exit 1
    unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$top/test/container.sh" --boxes "$dir"
    local status=$?
    say "all of it took $((SECONDS - start)) s"
    return $status
}

in_tool() { (in_root "$dir/tool" bash test/container.sh --build); }

case ${1-} in
--inside) run_all "$2" ;;
--build) build_image ;;
--boxes) dir=$2 said=$2/said count=1 && life_of_the_containers ;;
--help) sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" ;;
--keep) inside_namespaces yes all ;;
'') inside_namespaces no all ;;
*) echo "container: unknown word $1" >&2 && exit 2 ;;
esac

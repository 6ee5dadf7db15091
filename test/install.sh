#!/bin/bash
# The life of an installation in a fresh Debian root, in three parts:
#
#   package   from the first dpkg -i to purge
#   checkout  an installation from a checkout, its upgrades that work and that do
#             not, and the takeover of the Flask system that came before
#   manual    the commands of docs/operations.md, in a root of its own that has
#             what the page has installed and nothing else
#
# usage: test/install.sh [--keep] [PART...]
#
#   --keep  leave the roots where they are and say where
#   PART    that part alone; else all three
#
# The version before is the newest tag, or, where there is none, what stood
# fifteen commits ago (PREVIOUS=COMMIT for another); it gets a lower version.
# test/root.sh says how roots are made and what it takes. In the root no systemd
# runs: pool and nginx are started by the commands of their units. All that is
# served is served in a network of its own. Prints TAP and figures.
#
# "a && b || die" is meant as it is: die never comes back. What stands in single
# quotes is for somebody else to expand.
# shellcheck disable=SC2015,SC2016
set -u

top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
# shellcheck source=test/root.sh
. "$top/test/root.sh"

name=data-usage-monitor
host=usage.test
state=/var/lib/$name
config=/etc/$name/dum.conf
phrase='seven grey herons wade'

# What was asked for.
wanted='package checkout manual'

wants() { [[ " $wanted " == *" $1 "* ]]; }

# soon COMMAND...: nginx says it reloads before its new workers answer
soon()
{
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

# --- before the root: packages ------------------------------------------------

# build_before FOLDER: the package of the version before
build_before()
{
    local ref=${PREVIOUS:-}
    [ -n "$ref" ] || ref=$(git -C "$top" describe --tags --abbrev=0 HEAD^ 2>/dev/null) ||
        ref=$(git -C "$top" rev-parse HEAD~15)
    mkdir -p "$1/source" && git -C "$top" archive "$ref" | tar -C "$1/source" -x &&
        mkdir -p "$1/source/build" && cp -r "$top/build/www" "$1/source/build/www" &&
        sed -i '1s/(\(.*\))/(\1~before)/' "$1/source/debian/changelog" &&
        (cd "$1/source" && dpkg-buildpackage -b -us -uc) >"$1/log" 2>&1 &&
        mv "$1"/${name}_*.deb "$1/before.deb" || {
        tail -n 20 "$1/log"
        return 1
    }
}

build_packages()
{
    local dir=$1 before
    mkdir -p "$dir/before" "$dir/now"
    # Both packages take the page from here.
    make -s -C "$top" www >"$dir/now/log" 2>&1 || {
        tail -n 20 "$dir/now/log"
        die "the page could not be built"
    }
    if wants package; then build_before "$dir/before"; fi &
    before=$!
    "$top/scripts/dist" "$dir/now" >>"$dir/now/log" 2>&1 &&
        "$top/scripts/deb" "$dir"/now/*.tar.gz "$dir/now" >>"$dir/now/log" 2>&1 &&
        mv "$dir"/now/${name}_*.deb "$dir/now/now.deb" || {
        tail -n 20 "$dir/now/log"
        die "the package could not be built"
    }
    wait $before || die "the package of the version before could not be built"
    # Else it is there for the packages that it brings along.
    wants package || cp "$dir/now/now.deb" "$dir/before/before.deb"
}

# What scripts/setup takes for a checkout that was built: its make installs what
# was built here, so that the root needs no compiler and no node.
make_checkout()
{
    local checkout=$1
    mkdir -p "$checkout/scripts" "$checkout/built"
    make -s -C "$top" install DESTDIR="$checkout/built" PREFIX=/usr/local >/dev/null || return 1
    cp "$top"/scripts/setup "$top"/scripts/setup-*.sh "$checkout/scripts/"
    printf '#!/bin/sh\n' >"$checkout/scripts/deps"
    chmod 755 "$checkout/scripts/deps"
    printf 'all:\ninstall:\n\tmkdir -p $(PREFIX)\n\tcp -r built/usr/local/. $(PREFIX)/\n' \
        >"$checkout/Makefile"
}

# --- in the root ----------------------------------------------------------------

as_service() { (cd / && runuser -u datamonitor -- "$@"); }

# api METHOD PATH [BODY]: body and status; cookies are kept
api()
{
    curl -ksS --max-time 20 -c /tmp/cookies -b /tmp/cookies -X "$1" \
        -H 'Content-Type: application/json' ${3:+-d "$3"} -w '\n%{http_code}\n' \
        "https://$host$2" >/tmp/answer
    tail -n 1 /tmp/answer
}

answers() { [ "$(api GET "$1")" = "${2:-200}" ]; }

# The days, past the product's own programs.
days() { sqlite3 "file:$state/data_usage.db?mode=ro" 'SELECT count(*), sum(usage_bytes) FROM daily_usage'; }

has_days() { [ "$(days)" = "$1" ]; }

start_nginx()
{
    # The command of nginx.service.
    /usr/sbin/nginx -g 'daemon on; master_process on;'
}

stop_nginx()
{
    local tries
    /usr/sbin/nginx -s stop 2>/dev/null
    for ((tries = 0; tries < 50 && $(pgrep -xc nginx); tries++)); do sleep 0.1; done
}

# The line of the unit, with its settings, as its user.
start_by_unit()
{
    local line
    line=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/$name.service)
    mapfile -t settings < <(sed -n 's/^Environment=//p' /lib/systemd/system/$name.service)
    # shellcheck disable=SC2086
    as_service env "${settings[@]}" DUM_WORKERS=2 ${line//'${DUM_WORKERS}'/2} \
        >/tmp/pool.log 2>&1 </dev/null &
    pool=$!
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [ ! -S /run/$name/api.sock ] || return 0
        sleep 0.1
    done
    cat /tmp/pool.log
    return 1
}

pss_mb()
{
    local pid total=0
    for pid in $(pgrep -x "$1"); do
        total=$((total + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
    done
    awk -v kib=$total 'BEGIN { printf "%.1f", kib / 1024 }'
}

first_admin()
{
    local token
    token=$(sed 's|.*/#/setup/||' $state/setup-link)
    [ "$(api POST /api/auth/setup \
        "{\"token\":\"$token\",\"username\":\"anna\",\"password\":\"$phrase\"}")" = 201 ]
}

log_in()
{
    rm -f /tmp/cookies
    [ "$(api POST /api/auth/login \
        "{\"username\":\"anna\",\"password\":\"$phrase\"}")" = 200 ]
}

import_days()
{
    printf 'date,location,usage_gb\n2024-05-20,north,1.5\n2024-05-21,north,2.25\n2024-05-21,south,4\n' |
        as_service dum-import -
}

# newest [_LABEL [config]]: the newest backup (of that label, with configuration)
newest()
{
    as_service dum-backup list --json | tr '{' '\n' | grep "\"config\":${2:+true}" |
        sed -n 's/.*"file":"\([^"]*\)".*/\1/p' | grep -- "${1-}[.]db" | sort | tail -n 1
}

add_a_day()
{
    printf 'date,location,usage_gb\n2024-05-22,north,9\n' | as_service dum-import -
}

# The jobs as cron runs them: each line of the entries, by its user, by sh.
run_crons_lines()
{
    local line said
    while read -r line; do
        said=$(as_service sh -c "$line" 2>&1) && [ -z "$said" ] || {
            echo "$line: $said"
            return 1
        }
    done < <(sed -n 's/^[0-9*].* datamonitor *//p' /etc/cron.d/$name /etc/cron.d/$name-backup)
    [ "$(as_service /usr/lib/$name/dum-cron status | grep -c ' done ')" = 6 ]
}

# health_of HOST: what the workers behind that name say
health_of()
{
    curl -ksSf --max-time 20 --resolve "$1:443:127.0.0.1" "https://$1/health" >/dev/null
}

north() { "$1" --config /etc/$name-north/dum.conf "${@:2}"; }

# Each refused key is a line of a worker's.
refused_key()
{
    [ "$(curl -ksS --max-time 20 --resolve north.usage.test:443:127.0.0.1 -o /dev/null \
        -w '%{http_code}' -H 'Authorization: Bearer nobody' \
        https://north.usage.test/api/dashboard/overview)" = 401 ]
}

loses_no_line()
{
    local log=/var/log/$name-north/api.log n asked=0 told
    for ((n = 0; n < 60; n++)); do
        [ $((n % 20)) != 10 ] || logrotate -f /etc/logrotate.d/$name-north || return 1
        ! refused_key || asked=$((asked + 1))
    done
    told=$(zcat -f $log* | grep -c 'key refused')
    echo "$asked refused, $told lines"
    [ "$asked" -ge 40 ] && [ "$told" = "$asked" ] && grep -q 'key refused' "$log"
}

# Requests all the while, answered each, and other workers afterwards.
reload_loses_no_request()
{
    local tries before lost asked
    before=$(pgrep -x -u datamonitor dum-api | sort)
    rm -f /tmp/enough
    while [ ! -e /tmp/enough ]; do
        if health_of $host; then echo answered; else echo lost; fi
    done >/tmp/asked 2>&1 &
    for ((tries = 0; tries < 5; tries++)); do
        dum-setup reload || break
        sleep 0.4
    done
    touch /tmp/enough
    wait $!
    lost=$(grep -vc answered /tmp/asked) asked=$(wc -l </tmp/asked)
    echo "$asked requests, $lost lost"
    [ $tries = 5 ] && [ "$asked" -gt 10 ] && [ "$lost" = 0 ] &&
        [ "$(pgrep -x -u datamonitor dum-api | wc -l)" = 2 ] &&
        [ -z "$(comm -12 <(echo "$before") <(pgrep -x -u datamonitor dum-api | sort))" ]
}

# As if systemd ran, and the unit did not come up.
points_to_the_journal()
{
    mkdir -p /run/systemd/system
    printf '#!/bin/sh\nexit 1\n' >/usr/local/bin/systemctl && chmod 755 /usr/local/bin/systemctl
    dum-setup start 2>/tmp/where
    local status=$?
    rm -f /usr/local/bin/systemctl && rmdir /run/systemd/system
    cat /tmp/where
    [ $status = 1 ] && grep -q "see journalctl -u $name\$" /tmp/where
}

life_of_an_instance()
{
    local north_days="SELECT count(*) FROM daily_usage" entry
    ok "an instance is added" dum-setup instance add north north.usage.test
    ok "it answers under its name" soon health_of north.usage.test
    ok "and the machine's own under its" health_of $host
    ok "its workers are its user's" pgrep -x -u datamonitor-north dum-api
    ok "and its socket is closed to the other" \
        test "$(stat -c '%a %U:%G' /run/$name-north/api.sock)" = "660 datamonitor-north:www-data"
    ok "neither reads what the other has" not runuser -u datamonitor-north -- \
        test -r $state/data_usage.db -o -r $config
    printf 'date,location,usage_gb\n2024-05-20,alone,7\n' | north dum-import - 2>/dev/null
    ok "its days are its own" test "$(sqlite3 "file:$state-north/data_usage.db?mode=ro" \
        "$north_days")" = 1 -a "$(days)" = "$1"
    ok "its backups are its own" north dum-backup create
    ok "and lie with it" test -n "$(find $state-north/backups -name 'data_usage_backup_*')"
    entry=/etc/cron.d/$name-north
    ok "its jobs run as its user, with its settings" sh -ec "
        sed -n 's/^[0-9*].* datamonitor-north *//p' $entry $entry-backup >/tmp/lines
        [ \$(wc -l </tmp/lines) = 6 ]
        while read -r line; do
            said=\$(cd / && runuser -u datamonitor-north -- sh -c \"\$line\" 2>&1)
            [ -z \"\$said\" ] || { echo \"\$line: \$said\"; exit 1; }
        done </tmp/lines
        grep -q 'verify: done' /var/log/$name-north/cron.log"
    ok "its logs are rotated without a line lost" loses_no_line
    ok "its folder is made at each start of the machine" \
        grep -qx "d /run/$name-north 2750 datamonitor-north www-data" /etc/tmpfiles.d/$name-north.conf
    ok "it is listed" sh -c 'dum-setup instance list | grep -Eq "^north +north.usage.test +running$"'
    ok "it is upgraded with the package" sh -c "dpkg -i now.deb && [ \$(find $state-north/backups \
        -name 'data_usage_backup_*' ! -name '*.json' | wc -l) -ge 3 ]"
    ok "and answers again" soon health_of north.usage.test
    ok "names that would be taken for others are refused" sh -c '
        for bad in backup jobs A a-b "" ../x 1x; do ! dum-setup instance add "$bad" || exit 1; done'
    ok "removed, its data stays" sh -c "dum-setup instance remove north && [ -e $state-north/data_usage.db ]"
    ok "it does not answer" soon not health_of north.usage.test
    ok "the machine's own does" health_of $host
    ok "added again, it is there" sh -c 'dum-setup instance add north north.usage.test'
    ok "removed with all" dum-setup instance remove north --purge
    ok "nothing of it is left" test -z "$(find / -xdev \( -name "*$name-north*" -o -name 'dum-north' \) \
        -not -path '/proc/*' -not -path '/var/log/nginx/*')"
    dum-setup instance add south south.usage.test 2>/dev/null
}

under_20_mb()
{
    awk -v api="$(pss_mb dum-api)" -v watch="$(pss_mb multiwatch)" \
        'BEGIN { print api + watch; exit !(api + watch < 20) }'
}

keeps_the_site_that_is_refused()
{
    local tls=/usr/share/$name/nginx/dum-tls.conf status=0
    cp "$tls" /tmp/kept && echo 'no_such_directive on;' >>"$tls"
    dum-setup enable $host && status=1
    cp /tmp/kept "$tls"
    [ $status = 0 ] && nginx -t -q && answers /health
}

life_of_the_package()
{
    local before after made start
    say "package $(($(stat -c %s now.deb) / 1000)) kB, installed $(dpkg-query -W -f '${Installed-Size}' $name 2>/dev/null) KiB"
    ok "the package is installed, unpacked and configured" \
        test "$(dpkg-query -W -f '${db:Status-Status}' $name)" = installed
    ok "user, settings, database, certificate and set-up link are there" \
        test -e $config -a -e $state/data_usage.db -a -s $state/setup-link \
        -a -e /etc/$name/tls/key.pem
    ok "the settings are for root and the service alone" \
        test "$(stat -c '%a %U:%G' $config)" = "640 root:datamonitor"
    ok "the pool starts by the unit's command" start_by_unit
    ok "the socket is nginx's group's" \
        test "$(stat -c '%a %U:%G' /run/$name/api.sock)" = "660 datamonitor:www-data"
    dum-setup enable $host 2>/tmp/said
    ok "the site is enabled and nginx starts" start_nginx
    ok "/health answers over TLS" answers /health
    say "at rest: dum-api $(pss_mb dum-api) MB, multiwatch $(pss_mb multiwatch) MB, nginx $(pss_mb nginx) MB (PSS)"
    ok "the page is served" answers /
    ok "the link makes the first admin" first_admin
    ok "and makes none a second time" not first_admin
    ok "the admin logs in" log_in
    ok "a table is taken in" import_days
    ok "the overview tells of it" answers /api/dashboard/overview
    before=$(days)
    # No others can be seen from here: the root has processes of its own.
    kill "$(pgrep -ox multiwatch)" && wait "$pool" 2>/dev/null
    rm -f /run/$name/api.sock
    ok "dum-setup starts it without systemd, too" dum-setup start
    sleep 1

    start=$SECONDS
    ok "the package is upgraded" dpkg -i --force-confold now.deb
    say "upgraded in $((SECONDS - start)) s: $(dpkg-query -W -f '${Version}' $name)"
    ok "with a backup by the version before" test -n "$(newest "")"
    ok "and the data is what it was" has_days "$before"
    ok "and the session goes on" answers /api/dashboard/overview
    ok "a log-in works as before" log_in
    say "after a log-in: dum-api $(pss_mb dum-api) MB (PSS)"
    ok "the service takes less than 20 MB" under_20_mb
    ok "nightly backups are scheduled" grep -q '^# schedule: daily' /etc/cron.d/$name-backup
    ok "cron's lines run and say nothing" run_crons_lines
    made=$(newest "")
    ok "what cron made is verified" as_service dum-verify
    add_a_day >/dev/null
    ok "a day more is there" not has_days "$before"
    ok "a restore while it serves" as_service dum-backup restore "$made" --confirm
    ok "brings the days of the backup back" has_days "$before"
    ok "status tells of jobs and the newest proven backup" \
        sh -c 'dum-setup status | grep -q "^backup *data_usage_backup_" &&
            dum-setup status | grep -q "^job *verify *done" &&
            dum-setup status | grep -q "^schedule *daily .*next run"'
    ok "the site in use stays when nginx refuses the new one" keeps_the_site_that_is_refused
    ok "dum-setup reloads it without a request lost" reload_loses_no_request
    ok "stops it" dum-setup stop
    ok "and reload says that nothing runs, where nothing does" \
        sh -c '! dum-setup reload 2>/tmp/where && grep -q "do not run" /tmp/where'
    ok "and starts it again" dum-setup start
    ok "and under systemd points to the journal when it can not" points_to_the_journal

    life_of_an_instance "$before"

    ok "the package is removed" dpkg -r $name
    ok "the data stays, and what is served does not" \
        test -e $state/data_usage.db -a ! -e /etc/nginx/sites-enabled/$name
    ok "cron's lines are quiet without it" \
        sh -c "sed -n 's/^[0-9*].* datamonitor[-a-z0-9]* *//p' /etc/cron.d/$name* | sh"
    ok "it was said how the last backup is kept" grep -q 'cp /.*/data_usage_backup_' /tmp/said.remove
    ok "installed again, the data is there" dpkg -i now.deb
    ok "as it was" has_days "$before"
    ok "the package is purged" dpkg -P $name
    after=$(find / -xdev \( -name "*$name*" -o -name 'dum-*' \) -not -path '/proc/*' \
        -not -path '/srv/*' -not -path '/sys/*' -not -path '/tmp/*' -not -path '/var/log/nginx/*')
    ok "nothing of it is left" test -z "$after"
    [ -z "$after" ] || printf '%s\n' "$after" | sed 's/^/# /'
    stop_nginx
}

# --- from a checkout -----------------------------------------------------------

# Programs of a next version that are not well, each in a way of its own.
break_worker() { printf '#!/bin/sh\nexit 1\n' >"$1/built/usr/local/lib/$name/dum-api"; }

# As if its migration went wrong, for the instance alone.
break_migration()
{
    local tool=$1/built/usr/local/bin/dum-admin
    mv "$tool" "$tool.real"
    cat >"$tool" <<'END'
#!/bin/sh
case "$*" in *-north/*migrate*) echo 'migration 999 failed' >&2; exit 1 ;; esac
exec "$0.real" "$@"
END
    chmod 755 "$tool"
}

# As if its migration had gone beyond what the version before can open.
move_schema_on()
{
    local tool=$1/built/usr/local/bin/dum-admin
    mv "$tool" "$tool.real"
    cat >"$tool" <<'END'
#!/bin/sh
case "$*" in *-north/*) of=-north had='"locations":1,"records":2' ;; *) of= had='"locations":2,"records":3' ;; esac
database=${DATABASE_PATH:-/var/lib/data-usage-monitor$of/data_usage.db}
case "$*" in
*migrate*) exec sqlite3 "$database" 'PRAGMA wal_autocheckpoint=0; PRAGMA user_version=999' ;;
*stats*) echo "{\"schema_version\":999,$had}"; exit ;;
esac
exec "$0.real" "$@"
END
    chmod 755 "$tool"
    # One that does not answer, and for the instance does not end when told to.
    cat >"$1/built/usr/local/lib/$name/dum-api" <<'END'
#!/bin/sh
case $DUM_CONFIG in *-north/*) trap '' HUP INT QUIT TERM ;; esac
exec sleep 600
END
}

# The same, and for the instance it takes its time.
linger_in_migration()
{
    move_schema_on "$1"
    sed -i '1a case "${DATABASE_PATH-} $*" in " "*-north/*migrate*) touch /tmp/middle; sleep 5 ;; esac' \
        "$1/built/usr/local/bin/dum-admin"
}

# next_version NAME [WHAT]: a checkout, made worse by WHAT
next_version()
{
    cp -r checkout "$1"
    [ $# -lt 2 ] || "$2" "$1"
}

# As if the worker did not get along with the settings of the instance.
break_worker_of_north()
{
    local worker=$1/built/usr/local/lib/$name/dum-api
    mv "$worker" "$worker.real"
    printf '#!/bin/sh\ncase $DUM_CONFIG in *-north/*) exit 1 ;; esac\nexec "$0.real"\n' >"$worker"
    chmod 755 "$worker"
}

# What is written for the instance, and what it holds.
north_files() { cat /etc/cron.d/$name-north /etc/logrotate.d/$name-north /etc/nginx/dum-north/*; }
north_days() { sqlite3 "file:$state-north/data_usage.db?mode=ro" 'SELECT count(*), sum(usage_bytes) FROM daily_usage'; }
schema_of() { sqlite3 "file:$1/data_usage.db?mode=ro" 'PRAGMA user_version'; }

installed() { sha256sum </usr/local/lib/$name/dum-api && north_files; }

# serves_as_before INSTALLED DAYS
serves_as_before()
{
    has_days "$2" && [ "$(north_days)" = '2|7500000000' ] && [ "$(installed)" = "$1" ] &&
        answers /health && health_of north.usage.test &&
        [ "$(schema_of $state)" -lt 900 ] && [ "$(schema_of $state-north)" -lt 900 ]
}

# upgrade_fails CHECKOUT WORDS DAYS: as it should, and leaves all as it was
upgrade_fails()
{
    local before
    before=$(installed)
    "$1/scripts/setup" upgrade >/tmp/upgrade 2>&1 && return 1
    cat /tmp/upgrade
    grep -q "$2" /tmp/upgrade && serves_as_before "$before" "$3"
}

# The machine's own is past its migration then, and nobody serves.
until_the_middle()
{
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        if [ -e /tmp/middle ]; then
            pgrep -x multiwatch >/tmp/early
            return 0
        fi
        sleep 0.1
    done
    return 1
}

# upgrade_broken_off SIGNAL WHOM DAYS: itself alone, or all that it runs, too, as
# Ctrl-C does
upgrade_broken_off()
{
    local before pid
    before=$(installed)
    rm -f /tmp/middle
    setsid env --default-signal=INT lingers/scripts/setup upgrade >/tmp/upgrade 2>&1 &
    pid=$!
    until_the_middle || return 1
    [ "$2" = alone ] && kill -s "$1" $pid || kill -s "$1" -- -$pid
    wait $pid && return 1
    cat /tmp/upgrade
    grep -q 'it was told to end, so .* serves again' /tmp/upgrade &&
        serves_as_before "$before" "$3"
}

# The one that has the other end of the terminal goes, as when a line is cut.
upgrade_without_a_terminal()
{
    local before tries told=/var/backups/$name-upgrade/said
    before=$(installed)
    rm -f /tmp/middle
    script -qc 'lingers/scripts/setup upgrade' /dev/null >/tmp/upgrade 2>&1 &
    until_the_middle || return 1
    kill -KILL $!
    wait $!
    for ((tries = 0; tries < 600; tries++)); do
        pgrep -f 'scripts/setup upgrade' >/dev/null || break
        sleep 0.1
    done
    cat $told
    grep -q 'told to end by HUP' $told && grep -q 'it was told to end, so .* serves again' $told &&
        serves_as_before "$before" "$1"
}

# Those that hang are left to end; others serve in their place.
upgrade_meets_workers_that_hang()
{
    local status=0
    pkill -STOP -u datamonitor-north -x dum-api
    upgrade_fails good 'not all workers end, so nothing was changed' "$1" || status=1
    pkill -CONT -u datamonitor-north -x dum-api
    soon pools_of_north 1 || status=1
    return $status
}

pools_of_north() { [ "$(pgrep -c -x -u datamonitor-north multiwatch)" = "$1" ]; }

workers_were_ended()
{
    upgrade_told 'the workers did not end' && not pgrep -x -u datamonitor-north sleep
}

# left_is_there STATE NAME: what the restore took out is in the backup that was named
left_is_there()
{
    local file
    file=$(sed -n "s/^dum-setup: $2: the data as the new version left it is in //p" /tmp/upgrade)
    [ -n "$file" ] && [ -s "$1/backups/$file" ]
}

upgrade_told() { grep -q "$1" /tmp/upgrade; }

# An entry as the version before wrote it, and a database as it left it.
upgrade_renews_the_instance()
{
    local schema backups
    schema=$(schema_of $state-north)
    backups=$(find $state-north/backups -name '*.gz' | wc -l)
    echo '# of the version before' >>/etc/cron.d/$name-north
    good/scripts/setup upgrade || return 1
    ! grep -q 'version before' /etc/cron.d/$name-north && [ "$(north_days)" = '2|7500000000' ] &&
        [ "$(find $state-north/backups -name '*.gz' | wc -l)" = $((backups + 2)) ] &&
        [ "$(schema_of $state-north)" = "$schema" ] && health_of north.usage.test
}

# Stopped before, it is stopped afterwards, and upgraded all the same.
upgrade_leaves_stopped()
{
    local status=0
    dum-setup --instance north stop
    echo '# of the version before' >>/etc/cron.d/$name-north
    good/scripts/setup upgrade || return 1
    ! grep -q 'version before' /etc/cron.d/$name-north || status=1
    ! pgrep -x -u datamonitor-north dum-api || status=1
    dum-setup --instance north start && return $status
}

old_system()
{
    rm -rf /opt/old && mkdir -p /opt/old && cat >/opt/old/.env <<'END'
FLASK_HOST=0.0.0.0
DATABASE_PATH=/opt/old/data_usage.db
SECRET_KEY=0123
CORS_ORIGINS=*
LOG_LEVEL="WARNING"
BACKUP_RETENTION_DAYS=14
BACKUP_MAX_COUNT=lots
END
    sqlite3 /opt/old/data_usage.db "
        PRAGMA journal_mode = WAL;
        CREATE TABLE locations (id INTEGER PRIMARY KEY, name TEXT, display_name TEXT);
        CREATE TABLE daily_usage (id INTEGER PRIMARY KEY, date DATE, location_id INTEGER,
            usage_gb REAL);
        INSERT INTO locations VALUES (1, 'old', 'Old');
        INSERT INTO daily_usage VALUES (1, '2024-01-15', 1, 25.5), (2, '2024-01-16', 1, 1);" \
        >/dev/null
}

fingerprint() { (cd "$1" && find . -type f -exec sha256sum {} + -exec stat -c '%n %Y %Z' {} + | sort); }

takes_over()
{
    local before after
    before=$(fingerprint /opt/old)
    dum-setup takeover /opt/old
    local status=$?
    after=$(fingerprint /opt/old)
    [ $status = 0 ] && [ "$before" = "$after" ] && has_days "5|34250000000" &&
        grep -qx LOG_LEVEL=WARNING $config && grep -qx BACKUP_RETENTION_DAYS=14 $config &&
        not grep -q lots $config && not grep -q 0123 $config
}

life_of_a_checkout()
{
    local before
    # Where the package had its programs there are none any more.
    ! dpkg-query -W $name >/dev/null 2>&1 || dpkg -P $name >/dev/null
    hash -r
    ok "scripts/setup install" checkout/scripts/setup install
    ok "and once more" checkout/scripts/setup install
    ok "its cron lines have its paths" \
        grep -q '/usr/local/lib/data-usage-monitor/dum-cron ship' /etc/cron.d/$name
    ok "it starts" dum-setup start
    dum-setup enable $host 2>/tmp/said
    ok "nginx starts" start_nginx
    ok "/health answers" answers /health
    ok "a table is taken in" import_days
    before=$(days)
    ok "an instance is added" dum-setup instance add north north.usage.test
    printf 'date,location,usage_gb\n2024-05-20,alone,7\n2024-05-21,alone,0.5\n' |
        north dum-import - >/dev/null 2>&1
    next_version good
    ok "an upgrade renews the instance, too" upgrade_renews_the_instance
    ok "serves what the version before had" has_days "$before"
    ok "and answers" answers /health
    ok "an instance that was stopped stays so" upgrade_leaves_stopped
    next_version worse break_migration
    ok "an upgrade whose migration fails on the instance's copy changes nothing" \
        upgrade_fails worse 'failed on a copy' "$before"
    ok "and tells whose it was" upgrade_told 'the instance north$'
    next_version worst break_worker
    ok "an upgrade that does not answer is taken back" \
        upgrade_fails worst 'serves again' "$before"
    ok "and tells where the log is" \
        upgrade_told "see /var/log/$name/pool.said and /var/log/$name/api.log\$"
    next_version halfway break_worker_of_north
    ok "one that does not answer for the instance is taken back for all" \
        upgrade_fails halfway 'serves again' "$before"
    ok "and tells where the instance's log is" \
        upgrade_told "see /var/log/$name-north/pool.said and /var/log/$name-north/api.log\$"
    next_version beyond move_schema_on
    ok "with the data of both, where the schema had moved on" \
        upgrade_fails beyond 'serves again' "$before"
    ok "which were restored each" test "$(grep -c '^restored ' /tmp/upgrade)" = 2
    ok "and whose state before that is in a backup that was named" left_is_there $state $name
    ok "for the instance, too" left_is_there $state-north north
    ok "workers of the new version that do not end were ended" \
        workers_were_ended
    next_version lingers linger_in_migration
    ok "one that is told to end in the middle is taken back, with the data" \
        upgrade_broken_off TERM alone "$before"
    ok "no worker had started before all were renewed" test ! -s /tmp/early
    ok "one that Ctrl-C comes to is taken back, too" upgrade_broken_off INT all "$before"
    ok "and one whose terminal is cut off, which tells so in a file" \
        upgrade_without_a_terminal "$before"
    ok "workers that do not end are told of, and all serve again" \
        upgrade_meets_workers_that_hang "$before"
    ok "an upgrade after all that works" good/scripts/setup upgrade
    ok "the instance is removed" dum-setup instance remove north --purge
    old_system
    ok "the system before is taken over, and only read" takes_over
    ok "the service goes on with it" answers /health
    ok "uninstall keeps the data" dum-setup uninstall
    ok "and takes the rest" test -e $state/data_usage.db -a ! -e /usr/local/bin/dum-admin \
        -a ! -e /etc/cron.d/$name
    ok "installed again" checkout/scripts/setup install
    ok "uninstall --purge" dum-setup uninstall --purge
    ok "leaves nothing" test ! -e $state -a ! -e /etc/$name -a ! -e /etc/cron.d/$name-backup
    stop_nginx
}

# --- the manual ------------------------------------------------------------------

# The blocks of docs/operations.md, a file each, but for those of elsewhere.
manual_blocks()
{
    rm -rf manual && mkdir manual && awk '
        /^## / { heading = substr($0, 4) }
        /^```sh$/ { file = sprintf("manual/%02d.sh", ++n); print "# " heading >file; next }
        /^```/ { file = "" }
        file != "" { print >file }' operations.md
}

# run_block FILE: as it stands, but for the backup and the instant that it names
run_block()
{
    local label with=
    ! grep -q restore-config "$1" || with=config
    label=$(sed -n 's/^backup=.*_[0-9]\{6\}\(_[a-z-]*\)\{0,1\}\.db.*/\1/p' "$1")
    sed -i "s|^backup=.*|backup=\$(newest-backup '$label' $with)|
        s|^at=.*|at=\$(date -u '+%Y-%m-%dT%H:%M:%SZ')|" "$1"
    bash -eu "$1"
}

# newest-backup [_LABEL]: a command for the blocks, looking when they get there
make_newest_backup()
{
    { echo '#!/bin/bash' && declare -f as_service newest && echo 'newest "$@"'; } \
        >/usr/local/bin/newest-backup && chmod 755 /usr/local/bin/newest-backup
}

life_by_the_manual()
{
    local block version
    version=$(dpkg-deb -f now.deb Version)
    cp now.deb "data-usage-monitor_${version}_$(dpkg --print-architecture).deb"
    echo '127.0.0.1 usage.example.org' >>/etc/hosts
    # There is none here to talk to; the unit's commands are run above.
    printf '#!/bin/sh\n' >/usr/local/bin/systemctl
    chmod 755 /usr/local/bin/systemctl
    make_newest_backup
    manual_blocks
    ok "the manual has blocks" test "$(find manual -name '*.sh' | wc -l)" -gt 15
    for block in manual/*.sh; do
        ok "docs/operations.md: $(head -n 1 "$block" | cut -c 3-)" run_block "$block"
        [ "$block" != manual/01.sh ] || {
            ok "the set-up link has the name that was enabled" \
                grep -q '^https://usage.example.org/#/setup/' $state/setup-link
            # What systemd does when nginx is installed, and cron in time.
            start_nginx
            as_service /usr/lib/$name/dum-cron anchor
        }
    done
    stop_nginx
}

in_the_root()
{
    # What dpkg -r says goes by ok's file: keep it.
    dpkg() { /usr/bin/dpkg "$@" 2>&1 | tee "/tmp/said.$([ "$1" = -r ] && echo remove || echo other)"
        return "${PIPESTATUS[0]}"; }
    ! wants package || life_of_the_package
    ! wants checkout || life_of_a_checkout
    ! wants manual || life_by_the_manual
    echo "$count" >count
    [ "$failed" = 0 ]
}

# --- the whole ------------------------------------------------------------------

# Nothing starts by itself in a root without an init.
forbid_starts()
{
    cd /srv || exit 1
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    apt-get -q update
}

install_first()
{
    forbid_starts || exit 1
    echo "127.0.0.1 $host" >>/etc/hosts
    apt-get -q -y --no-install-recommends install curl sqlite3 cron \
        logrotate make netbase || exit 1
    dpkg -i before.deb
    apt-get -q -y --no-install-recommends -f install && old_system
}

# What the page installs lies ready, but is not installed: there is no network
# when its blocks run. One that uses what none has installed fails.
fetch_for_the_manual()
{
    local words
    forbid_starts || exit 1
    manual_blocks
    apt-get -q -y --download-only install ./now.deb || exit 1
    while read -r words; do
        # shellcheck disable=SC2086
        apt-get -q -y --download-only install $words || exit 1
    done < <(sed -n 's/^apt-get install -y \([a-z-].*\)/\1/p' manual/*.sh)
}

# prepare_root ROOT STEP: with the network
prepare_root()
{
    local log=$1.step
    cp "$dir/now/now.deb" "$top/docs/operations.md" "$1/srv/" &&
        mkdir "$1/srv/test" && cp "$top"/test/{install,root}.sh "$1/srv/test/" ||
        die "$1 could not be filled"
    mount_root "$1"
    (in_root "$1" env DEBIAN_FRONTEND=noninteractive bash test/install.sh "$2") >"$log" 2>&1 || {
        tail -n 30 "$log"
        die "$1 could not be prepared"
    }
}

# live_in ROOT PART...: in a network of its own: nobody else's ports, and none
# outside.
live_in()
{
    unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$0" --chroot "$1" "$count" "${@:2}" ||
        failed=1
    count=$(cat "$1/srv/count") || die "$1 was left in the middle"
}

run_all()
{
    local dir=$1 root=$1/root blank=$1/blank start=$SECONDS parts=()
    private_mounts
    build_packages "$dir"
    say "built in $((SECONDS - start)) s"
    make_base "$root"
    ! wants manual || cp -a "$root" "$blank"
    cp "$dir/before/before.deb" "$root/srv/"
    make_checkout "$root/srv/checkout" || die "make install failed"
    prepare_root "$root" --first
    ! wants package || parts+=(package)
    ! wants checkout || parts+=(checkout)
    [ ${#parts[@]} = 0 ] || live_in "$root" "${parts[@]}"
    ! wants manual || {
        prepare_root "$blank" --fetch
        cp -r "$root/opt/old" "$blank/opt/old"
        live_in "$blank" manual
    }
    say "all of it took $((SECONDS - start)) s"
    finish_tap
}

# begin KEEP PART...
begin()
{
    local keep=$1 part
    shift
    for part in "$@"; do
        wants "$part" || { echo "install: unknown word $part" >&2 && exit 2; }
    done
    [ $# -eq 0 ] || wanted=$*
    # shellcheck disable=SC2086
    inside_namespaces "$keep" $wanted
}

case ${1-} in
--inside) wanted=${*:3} && run_all "$2" ;;
--first) install_first ;;
--fetch) fetch_for_the_manual ;;
--chroot) (in_root "$2" env DEBIAN_FRONTEND=noninteractive \
    bash test/install.sh --in-root "${@:3}") ;;
--in-root) count=$2 wanted=${*:3} && in_the_root ;;
--help) sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" ;;
--keep) begin yes "${@:2}" ;;
*) begin no "$@" ;;
esac

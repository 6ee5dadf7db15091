# shellcheck shell=bash disable=SC2015,SC2154
# dum-setup upgrade: from the installed version to the one of this checkout, or
# not at all. Read by dum-setup, whose names and functions it uses, after
# setup-instance.sh.
#
# A proven backup comes first, then a trial of the new programs on a copy made
# from it. Only then are the workers stopped, and what was written meanwhile is
# in a second backup. Whatever fails from there on brings back the programs,
# the site and, where the schema had moved on, the data.
#
# All instances share the programs, so each of these steps is done for all of
# them before the next one begins, and all go on or all go back. No worker of the
# new version starts before everything else is done: what it takes in until all
# are seen to answer is what a way back with the data would undo. The restore
# keeps that in a backup, which is named.
#
# From the first worker that is stopped until the end a signal or a terminal
# that is gone only makes the step at hand the last one before the way back.

aside=/var/backups/$base-upgrade
stage=$prefix/lib/$base.new

# All that the programs serve, by name: first '', the machine's own. The others
# have what is known of each, in the same order.
everyone=('') databases=() backups=() schemas=() ran=() left=()

# The signal that told this script to end.
broken_off=''

# for_each COMMAND...: with the names of each in turn, of which $i is the place,
# until one fails or a signal comes.
for_each()
{
    local i
    for i in "${!everyone[@]}"; do
        [ -z "$broken_off" ] || break
        use_instance "${everyone[i]}"
        "$@" || {
            [ -z "$instance" ] || [ -n "$broken_off" ] ||
                say "this is about the instance $instance"
            use_instance ''
            return 1
        }
    done
    use_instance ''
    [ -z "$broken_off" ]
}

break_off()
{
    [ -n "$broken_off" ] || say "told to end by $1, so the step at hand is the last"
    broken_off=$1
}

# The handlers leave the signals as they are for the commands of each step: one
# that Ctrl-C ends has failed. All words, also of those commands, go to a file
# and by way of tee, which goes on when the terminal is no more; else the first
# to write there would end.
withstand_signals()
{
    exec 2> >(
        trap '' HUP INT TERM PIPE
        exec tee --output-error=warn "$aside/said" >&2 2>/dev/null
    )
    teller=$!
    exec >&2
    trap 'exec >&- 2>&-; wait "$teller"' EXIT
    trap : PIPE
    trap 'break_off HUP' HUP
    trap 'break_off INT' INT
    trap 'break_off TERM' TERM
}

# The way back, and the end, are not broken off; their commands ignore it, too.
ignore_signals()
{
    trap '' HUP INT TERM
    broken_off=''
}

# What belongs to an installation, as far as it is there; from / on, for tar.
installed_files()
{
    local path
    for path in "$bin"/dum-{admin,backup,export,import,verify} "$lib" "$share" \
        "$prefix/sbin/dum-setup" "$prefix"/share/man/man[58]/dum[-.]* \
        "/etc/systemd/system/$base"{,-jobs}{,@}.{service,timer}; do
        [ ! -e "$path" ] || echo "${path#/}"
    done
    for_each files_of_one
}

files_of_one()
{
    local path
    for path in "$nginx_folder" "$site" "$cron_entry" "$rotation" "$tmpfiles"; do
        [ ! -e "$path" ] || echo "${path#/}"
    done
}

# A member of a JSON object on stdin that is a number or a word.
member() { sed -n "s/.*\"$1\": *\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p"; }

# "dum-admin 1.2.3 (SQLite ...)": 1.2.3
version_of() { "$1/dum-admin" --version | awk 'NR == 1 { print $2 }'; }

# stats PROGRAM DATABASE: schema, locations and records, in a line
stats()
{
    local text
    text=$(as_user env DATABASE_PATH="$2" "$1" --config "$config" stats --json) || return 1
    echo "$(member schema_version <<<"$text") $(member locations <<<"$text")" \
        "$(member records <<<"$text")"
}

# A backup that was read back and looked through.
prove_backup()
{
    local text
    text=$(dum dum-backup create --json) && backups[i]=$(member file <<<"$text") &&
        dum dum-backup verify "${backups[i]}" --level 3 >&2
}

# The new programs on a copy: they bring it to their schema, and nothing is lost.
try_on_copy()
{
    local trial=$state/upgrade copy before after
    copy=$trial/data_usage.db
    as_user rm -rf "$trial" && as_user install -d -m 0700 "$trial" || return 1
    # shellcheck disable=SC2016
    as_user sh -c 'umask 077 && "$1" --config "$2" cat "$3" >"$4"' sh \
        "$bin/dum-backup" "$config" "${backups[i]}" "$copy" &&
        before=$(stats "$bin/dum-admin" "$copy") &&
        as_user env DATABASE_PATH="$copy" "$stage/bin/dum-admin" --config "$config" \
            migrate >&2 &&
        after=$(stats "$stage/bin/dum-admin" "$copy") || return 1
    as_user rm -rf "$trial"
    [ "${before#* }" = "${after#* }" ] || {
        say "the copy had ${before#* } locations and days, and ${after#* } afterwards"
        return 1
    }
}

put_aside()
{
    rm -rf "$aside" && install -d -m 0700 "$aside" &&
        installed_files >"$aside/list" &&
        tar -C / -cpf "$aside/files.tar" -T "$aside/list"
}

# An instance that was stopped stays so; the machine's own is there to serve.
stop_one()
{
    ran[i]=yes
    [ -z "$instance" ] || running >/dev/null 2>&1 || ran[i]=no
    (cmd_stop)
}

start_one() { [ "${ran[i]-no}" = no ] || (cmd_start); }

# Workers that were told to end do so after the request at hand, whenever that
# is; others serve from now on.
start_again()
{
    local pid
    [ "${ran[i]-no}" = yes ] || return 0
    ! pid=$(pool_pid) || { kill -TERM "$pid" && rm -f "$run/pool.pid"; }
    start_anyway
}

# stay WHY: nothing was changed yet
stay()
{
    local why=${broken_off:+it was told to end}
    ignore_signals
    for_each start_again
    rm -rf "$stage"
    die "${why:-$1}, so nothing was changed"
}

know_database() { databases[i]=$(setting DATABASE_PATH); }

# The schema of the version before, to know whether it has moved on.
know_schema()
{
    local text
    text=$(stats "$bin/dum-admin" "${databases[i]}") && schemas[i]=${text%% *}
}

# From here on until the health check a failure goes back.
switch()
{
    make -s -C "$top" install PREFIX="$prefix" >&2 && install_system_files &&
        for_each renew_one && for_each start_one && for_each healthy
}

renew_one()
{
    { [ -z "$instance" ] || (make_instance_files); } && (cmd_prepare) || return 1
    [ ! -L "$enabled" ] || (cmd_enable)
}

healthy()
{
    local until=$((SECONDS + 20))
    [ "${ran[i]}" = yes ] || return 0
    while [ $SECONDS -lt $until ] && [ -z "$broken_off" ]; do
        if [ -L "$enabled" ]; then
            ! answers || return 0
        else
            ! running >/dev/null || return 0
        fi
        sleep 0.2
    done
    [ -n "$broken_off" ] || say "the new version does not answer; see $(where_told)"
    return 1
}

# One that can not be brought back does not keep the others back.
go_back()
{
    local well=yes
    say "going back to the version before"
    for_each stop_anyway
    installed_files | sed 's|^|/|' | xargs -r -d '\n' rm -rf
    tar -C / -xpf "$aside/files.tar" || die "the files of the version before are in" \
        "$aside/files.tar and could not be put back: tar -C / -xpf $aside/files.tar"
    for_each bring_data_back
    ! systemd_runs || systemctl daemon-reload
    [ -z "$(find /etc/nginx/sites-enabled -name "$base*" 2>/dev/null)" ] || reload_nginx
    for_each start_anyway
    for_each tell_left
    [ $well = yes ] || die "not all of the version before is back; the reason stands above"
}

# Workers of a version that is not well may not end when they are told to, and
# must not write into what is brought back.
stop_anyway()
{
    local pid
    (cmd_stop) || ! pid=$(pool_pid) || {
        pkill -KILL -P "$pid"
        kill -KILL "$pid"
        rm -f "$run/pool.pid" "$run/api.sock"
    }
    return 0
}

start_anyway()
{
    start_one || {
        say "the version before does not start${instance:+ for $instance}; see $(where_told)"
        well=no
    }
}

bring_data_back()
{
    local now text status
    now=$(stats "$bin/dum-admin" "${databases[i]}") || now=unknown
    [ "${now%% *}" != "${schemas[i]}" ] || return 0
    text=$(dum dum-backup restore "${backups[i]}" --confirm --whole)
    status=$?
    [ -z "$text" ] || echo "$text" >&2
    left[i]=$(sed -n 's/^what was there before: //p; s/^the damaged file was copied to //p' \
        <<<"$text")
    [ $status = 0 ] || {
        say "the data could not be brought back; dum-backup --config $config restore" \
            "${backups[i]} --confirm --whole"
        well=no
    }
}

# No job of cron may meet two versions of a tool. Its locks are beside the
# database, see dum-cron.
hold_jobs()
{
    local file fd folder
    folder=$(dirname "${databases[i]}")/cron
    as_user install -d -m 0700 "$folder" || return 1
    for file in lock ship.lock checkpoint.lock; do
        as_user touch "$folder/$file" && exec {fd}<"$folder/$file" || return 1
        locks+=("$fd")
        flock -w 900 "$fd" || return 1
    done
}

tell_left()
{
    [ -z "${left[i]-}" ] ||
        say "${instance:-$base}: the data as the new version left it is in ${left[i]}"
}

tell_backup() { say "${instance:-$base}: the data before is in the backup ${backups[i]}"; }

cmd_upgrade()
{
    local old why
    need_root
    need_checkout upgrade
    need_installed
    [ -e "$config" ] || die "there is no installation to upgrade: scripts/setup install"
    [ "$prefix" != /usr ] || die "this came with the package: apt-get install $base"
    mapfile -t -O 1 everyone < <(instances)
    for_each know_database || die "the settings can not be read"
    old=$(version_of "$bin")
    build_checkout
    rm -rf "$stage"
    make -s -C "$top" install PREFIX="$stage" >&2 || die "the new version could not be staged"
    say "from $old to $(version_of "$stage/bin")"
    for_each hold_jobs || die "a job of cron does not end; try again later"
    for_each prove_backup || die "no proven backup, so nothing was changed"
    for_each try_on_copy ||
        die "the new version failed on a copy, so nothing was changed; the reason stands above"
    put_aside || die "the version before could not be put aside, so nothing was changed"
    withstand_signals
    for_each stop_one || stay "not all workers end"
    for_each prove_backup && for_each know_schema || stay "no proven backup"
    if ! switch; then
        why=${broken_off:+it was told to end}
        ignore_signals
        go_back
        rm -rf "$stage"
        die "${why:-the new version is not well}, so $old serves again with its data;" \
            "the reason stands above"
    fi
    ignore_signals
    rm -rf "$stage"
    say "upgraded; the version before is in $aside"
    for_each tell_backup
}

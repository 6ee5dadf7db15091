# shellcheck shell=bash disable=SC2015,SC2154
# dum-setup upgrade: from the installed version to the one of this checkout, or
# not at all. Read by dum-setup, whose names and functions it uses.
#
# A proven backup comes first, then a trial of the new programs on a copy made
# from it. Only then are the workers stopped, and what was written meanwhile is
# in a second backup. Whatever fails from there on brings back the programs,
# the site and, where the schema had moved on, the data.

aside=/var/backups/$name-upgrade
trial=$state/upgrade
stage=$prefix/lib/$name.new

# What belongs to an installation, as far as it is there; from / on, for tar.
installed_files()
{
    local path
    for path in "$bin"/dum-{admin,backup,export,import,verify} "$lib" "$share" \
        "$prefix/sbin/dum-setup" "$prefix"/share/man/man[58]/dum[-.]* \
        "$nginx_folder" "$site" "$cron_entry" "$rotation" "$tmpfiles" \
        "/etc/systemd/system/$name"{,-jobs}{,@}.{service,timer}; do
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

# A backup that was read back and looked through; its name.
proven_backup()
{
    local text file
    text=$(dum dum-backup create --json) && file=$(member file <<<"$text") &&
        dum dum-backup verify "$file" --level 3 >&2 && echo "$file"
}

# The new programs on a copy: they bring it to their schema, and nothing is lost.
try_on_copy()
{
    local backup=$1 copy=$trial/data_usage.db before after
    as_user rm -rf "$trial" && as_user install -d -m 0700 "$trial" || return 1
    # shellcheck disable=SC2016
    as_user sh -c 'umask 077 && "$1" --config "$2" cat "$3" >"$4"' sh \
        "$bin/dum-backup" "$config" "$backup" "$copy" &&
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

# From here on until the health check a failure goes back.
switch()
{
    make -s -C "$top" install PREFIX="$prefix" >&2 &&
        install_system_files && (cmd_prepare) || return 1
    [ ! -L "$enabled" ] || (cmd_enable) || return 1
    (cmd_start) && healthy
}

healthy()
{
    local until=$((SECONDS + 20))
    while [ $SECONDS -lt $until ]; do
        if [ -L "$enabled" ]; then
            ! answers 2>/dev/null || return 0
        else
            ! running >/dev/null || return 0
        fi
        sleep 0.2
    done
    say "the new version does not answer"
    return 1
}

go_back()
{
    local backup=$1 schema=$2 now
    say "going back to the version before"
    (cmd_stop)
    installed_files | sed 's|^|/|' | xargs -r -d '\n' rm -rf
    tar -C / -xpf "$aside/files.tar" || die "the files of the version before are in" \
        "$aside/files.tar and could not be put back: tar -C / -xpf $aside/files.tar"
    now=$(stats "$bin/dum-admin" "$database") || now=unknown
    if [ "${now%% *}" != "$schema" ]; then
        dum dum-backup restore "$backup" --confirm --whole >&2 ||
            die "the data could not be brought back; as $user:" \
                "dum-backup restore $backup --confirm --whole"
    fi
    ! systemd_runs || systemctl daemon-reload
    [ ! -L "$enabled" ] || reload_nginx
    (cmd_start) || die "the version before does not start; see $logs/api.log"
}

# No job of cron may meet two versions of a tool.
hold_jobs()
{
    local file fd
    as_user install -d -m 0700 "$state/cron" || return 1
    for file in lock ship.lock checkpoint.lock; do
        as_user touch "$state/cron/$file" && exec {fd}<"$state/cron/$file" || return 1
        locks+=("$fd")
        flock -w 900 "$fd" || return 1
    done
}

cmd_upgrade()
{
    local backup old schema
    need_root
    need_checkout upgrade
    need_installed
    [ -e "$config" ] || die "there is no installation to upgrade: scripts/setup install"
    [ "$prefix" != /usr ] || die "this came with the package: apt-get install $name"
    database=$(setting DATABASE_PATH) || die "the settings can not be read"
    old=$(version_of "$bin")
    build_checkout
    rm -rf "$stage"
    make -s -C "$top" install PREFIX="$stage" >&2 || die "the new version could not be staged"
    say "from $old to $(version_of "$stage/bin")"
    hold_jobs || die "a job of cron does not end; try again later"
    backup=$(proven_backup) || die "no proven backup, so nothing was changed"
    try_on_copy "$backup" ||
        die "the new version failed on a copy, so nothing was changed; the reason stands above"
    put_aside || die "the version before could not be put aside, so nothing was changed"
    cmd_stop
    backup=$(proven_backup) && schema=$(stats "$bin/dum-admin" "$database") || {
        cmd_start
        die "no proven backup, so nothing was changed"
    }
    if ! switch; then
        go_back "$backup" "${schema%% *}"
        rm -rf "$stage"
        die "the new version is not well, so $old serves again with its data;" \
            "the reason stands above"
    fi
    rm -rf "$stage"
    say "upgraded; the version before is in $aside, its data in $backup"
}

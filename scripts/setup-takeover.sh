# shellcheck shell=bash disable=SC2015,SC2154
# dum-setup takeover FOLDER: the data and settings of the Flask system that came
# before this one. Read by dum-setup, whose names and functions it uses. All in
# FOLDER is only read.

# old_setting KEY: the last value that the old .env gives it, without quotes
old_setting()
{
    local value
    value=$(sed -n "s/^[[:space:]]*\\(export[[:space:]]\\+\\)\\{0,1\\}$1=//p" "$old_env" | tail -n 1)
    value=${value%$'\r'}
    if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then
        value=${BASH_REMATCH[1]}
    fi
    printf '%s' "$value"
}

# Into a copy of the settings; the programs say whether it will do.
set_key()
{
    local rest
    rest=$(grep -v "^$1=" "$new_config")
    printf '%s\n' "$rest" "$1=$2" >"$new_config"
}

# What has the same meaning there and here.
take_settings()
{
    local key value
    for key in LOG_LEVEL BACKUP_RETENTION_DAYS BACKUP_MAX_COUNT BACKUP_COMPRESSION; do
        value=$(old_setting $key)
        [ -z "$value" ] || take_setting $key "$value"
    done
    value=$(old_setting CORS_ORIGINS)
    if [ "$value" = '*' ]; then
        say "CORS_ORIGINS=* is not taken over: no other site may use the API until it is named"
    elif [ -n "$value" ]; then
        take_setting CORS_ORIGINS "$value"
    fi
    for key in FLASK_HOST FLASK_PORT FLASK_DEBUG SECRET_KEY LOG_FILE DATABASE_BACKUP_DIR; do
        [ -z "$(old_setting $key)" ] ||
            say "$key is not taken over: nginx, keys and folders are this system's own"
    done
}

take_setting()
{
    local key=$1 value=$2
    cp "$new_config" "$new_config.before" || return 1
    set_key "$key" "$value"
    if as_user "$bin/dum-admin" --config "$new_config" config "$key" >/dev/null; then
        say "taken over: $key=$value"
    else
        say "$key is not taken over; its value would not do here"
        cp "$new_config.before" "$new_config"
    fi
    rm -f "$new_config.before"
}

# The database that .env names; a relative path is one of the old folder's.
find_old_database()
{
    local path=''
    [ ! -f "$old_env" ] || path=$(old_setting DATABASE_PATH)
    path=${path:-data_usage.db}
    [[ $path == /* ]] || path=$old/$path
    echo "$path"
}

cmd_takeover()
{
    local old old_env old_database new_config
    need_root
    need_installed
    [ -e "$config" ] || die "run first: dum-setup prepare"
    old=$(readlink -f "$1") && [ -d "$old" ] || die "$1 is no folder"
    old_env=$old/.env
    old_database=$(find_old_database)
    [ -f "$old_database" ] || die "there is no database $old_database; is $old the folder" \
        "of the system before?"
    new_config=$etc/dum.conf.takeover
    install -m 0640 -o root -g "$user" "$config" "$new_config" ||
        die "$new_config could not be written"
    [ ! -f "$old_env" ] || take_settings
    hand_over "$old_database" || {
        rm -f "$new_config"
        die "the days were not taken over, so nothing was changed; the reason stands above"
    }
    mv "$new_config" "$config" || die "$config could not be written"
    if running >/dev/null 2>&1; then
        cmd_stop && cmd_start || die "the workers could not be started again"
    fi
    say "taken over; $old was only read. When all is well: switch the old service off"
}

# Root reads, and the service's user writes and imports.
hand_over()
{
    local copy=$state/takeover status
    as_user rm -rf "$copy" && as_user install -d -m 0700 "$copy" || return 1
    copy_database "$1" "$copy/data_usage.db" &&
        dum dum-import --database "$copy/data_usage.db" >&2
    status=$?
    as_user rm -rf "$copy"
    return $status
}

# Size and time of the file, its log and its journal.
stamp_of() { stat -c '%n %s %.9Y' "$1"{,-wal,-journal} 2>/dev/null; }

# copy_database FROM TO: with the log, which holds what was not folded in yet.
# Whole when nothing moved meanwhile; the old service may go on.
copy_database()
{
    local tries before end
    for ((tries = 0; tries < 5; tries++)); do
        before=$(stamp_of "$1")
        for end in '' -wal -journal; do
            as_user rm -f "$2$end"
            [ ! -e "$1$end" ] || copy_file "$1$end" "$2$end" || return 1
        done
        [ "$(stamp_of "$1")" != "$before" ] || return 0
        sleep 1
    done
    say "$1 is written to all the time; stop the old service, and try again"
    return 1
}

# shellcheck disable=SC2016
copy_file() { as_user sh -c 'umask 077 && cat >"$1"' sh "$2" <"$1"; }

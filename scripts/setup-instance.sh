# shellcheck shell=bash disable=SC2015,SC2154
# dum-setup instance: one installation for each organisation on one machine. An
# instance shares the programs and the page, and nothing else: it has a user,
# settings, keys, a database, workers, a socket and a site of its own. Read by
# dum-setup, whose names and functions it uses.

need_name()
{
    [[ ${1-} =~ ^[a-z][a-z0-9]{0,18}$ ]] ||
        wrong_usage "an instance's name is up to 19 small letters and digits: '${1-}' is none"
    case $1 in
    # /etc/cron.d and others have files of these names.
    backup | jobs | upgrade) wrong_usage "'$1' is a name of the system's own" ;;
    esac
}

# instance_file FROM TO [EDIT]: a file of the system's for this instance
instance_file()
{
    sed "s|/usr/lib/$base|$lib|g; s,/\\(run\\|log\\)/$base,/\\1/$name,g
        s/datamonitor/$user/g; s/$base\\.service/$unit.service/; ${3-}" \
        "$share/system/$1" >"$2.partial" &&
        chmod 0644 "$2.partial" && mv "$2.partial" "$2"
}

make_instance_files()
{
    install -d -m 0755 /etc/cron.d /etc/logrotate.d /etc/tmpfiles.d &&
        instance_file cron.d "$cron_entry" \
            "s|dum-cron \\([a-z]*\\)\$|dum-cron --config $config \\1|" &&
        instance_file logrotate "$rotation" &&
        instance_file "$base.tmpfiles" "$tmpfiles" ||
        die "the files of the instance could not be written"
}

start_instance()
{
    if systemd_runs; then
        systemctl daemon-reload && systemctl enable "$unit.service" "$jobs_unit.timer" >&2 &&
            systemctl restart "$unit.service" "$jobs_unit.timer" ||
            die "the service could not be started; see $(where_told)"
    else
        cmd_start
    fi
}

add_instance()
{
    local host
    use_instance "$1"
    host=${2:-$(site_name)}
    remember_name "$host"
    make_instance_files
    cmd_prepare
    start_instance
    cmd_enable "$host"
}

# The name, the host, and whether its workers run.
list_instances()
{
    local name_of
    while read -r name_of; do
        use_instance "$name_of"
        printf '%-20s %-30s %s\n' "$name_of" "$(site_name)" \
            "$(if running >/dev/null 2>&1; then echo running; else echo stopped; fi)"
    done < <(instances)
}

remove_instance()
{
    use_instance "$1"
    [ -e "$config" ] || die "there is no instance $1"
    cmd_disable
    if systemd_runs; then
        systemctl disable --now "$unit.service" "$jobs_unit.timer" >&2
    else
        cmd_stop
    fi
    rm -rf "$nginx_folder" "$site" "$cron_entry" "$rotation" "$tmpfiles"
    tell_last_backup
    if [ "${2-}" != --purge ]; then
        say "settings, data and backups stay: $etc $state $logs $backup_entry;" \
            "dum-setup instance add $1 takes them up again"
        return 0
    fi
    tell_what_stays
    rm -rf "$etc" "$state" "$logs" "$run" "$defaults" "$backup_entry"
    userdel "$user" 2>/dev/null
    say "all of $1 is gone"
}

# In a process of its own each: one that fails does not keep the others back.
renew_instances()
{
    local name_of status=0
    for name_of in $(instances); do
        (
            use_instance "$name_of"
            was_running=no
            ! running >/dev/null 2>&1 || was_running=yes
            make_instance_files
            [ $was_running = no ] || cmd_stop
            cmd_prepare
            [ $was_running = no ] || start_instance
            [ ! -L "$enabled" ] || cmd_enable
        ) || {
            say "the instance $name_of could not be renewed; the reason stands above"
            status=1
        }
    done
    return $status
}

cmd_instance()
{
    local command=${1-}
    [ $# -eq 0 ] || shift
    need_installed
    case $command in
    list | renew) [ $# -eq 0 ] || wrong_usage "instance $command takes no '$1'" ;;
    add) need_name "${1-}" && [ $# -le 2 ] || wrong_usage "instance add takes NAME and HOST" ;;
    remove)
        need_name "${1-}" && { [ $# -eq 1 ] || [ "${*:2}" = --purge ]; } ||
            wrong_usage "instance remove takes NAME and --purge"
        ;;
    *) wrong_usage "instance add, list, remove or renew?" ;;
    esac
    [ "$command" = list ] || need_root
    case $command in
    list) list_instances ;;
    add) add_instance "$@" ;;
    remove) remove_instance "$@" ;;
    renew) renew_instances ;;
    esac
}

# shellcheck shell=bash
# A service of its own for an attack, in a folder that goes away: sourced by
# run.sh. Loopback only.
#
# service_start NAME [SETTING=VALUE...] [-- ARGUMENT of scripts/run...] sets
#   DUM_URL     https://localhost:PORT
#   DUM_STATE   its state folder
#   DUM_KEY     a key that may do all that keys may
#   DUM_COOKIE  "__Host-dum=..." of an administrator's session
#   DUM_CSRF    what goes with it in X-CSRF-Token
# and service_stop ends it. service_log_in NAME makes another administrator and
# a session of his.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=${BIN:-$top/build/release/bin}
service_pid=

free_port()
{
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

service_wait()
{
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        ! grep -q '^ready ' "$work/ready" || return 0
        kill -0 "$service_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/run.log" >&2
    return 1
}

service_admin() { "$BIN/dum-admin" --config "$DUM_STATE/dum.conf" "$@"; }

# What a pool of the same folder is started with must stand in dum.conf before:
# scripts/run leaves one that is there alone.
service_settings()
{
    mkdir -m 700 "$DUM_STATE"
    cat >"$DUM_STATE/dum.conf" <<END
DATABASE_PATH=$DUM_STATE/data_usage.db
DATABASE_BACKUP_DIR=$DUM_STATE/backups
SECRET_KEY_FILE=$DUM_STATE/secret.key
AUDIT_ANCHOR_FILE=$DUM_STATE/audit-anchors.log
END
}

# The password goes by standard input: never into a list of processes.
service_log_in()
{
    local name=$1 password answer head
    password=$(head -c 18 /dev/urandom | base64) || return 1
    printf '%s\n' "$password" |
        service_admin user add "$name" --role admin >/dev/null || return 1
    head=$(mktemp) || return 1
    answer=$(printf '{"username":"%s","password":"%s"}' "$name" "$password" |
        curl -ksS --fail -D "$head" -H 'Content-Type: application/json' \
            --data-binary @- "$DUM_URL/api/auth/login")
    DUM_COOKIE=$(sed -n 's/^set-cookie: \([^;]*\);.*/\1/pi' "$head")
    rm -f "$head"
    DUM_CSRF=$(sed -n 's/.*"csrf_token":"\([^"]*\)".*/\1/p' <<<"$answer")
    export DUM_COOKIE DUM_CSRF
    [ -n "$DUM_COOKIE" ] && [ -n "$DUM_CSRF" ]
}

service_start()
{
    local name=$1 port
    shift
    work=$(mktemp -d "${TMPDIR:-/tmp}/dum-$name.XXXXXX") || return 1
    port=$(free_port) || return 1
    DUM_STATE=$work/state DUM_URL=https://localhost:$port
    service_settings || return 1
    for (( ; $#; )); do
        [ "$1" != -- ] || { shift; break; }
        printf '%s\n' "$1" >>"$DUM_STATE/dum.conf"
        shift
    done
    "$top/scripts/run" --state "$DUM_STATE" --port "$port" --sample "$@" \
        >"$work/ready" 2>"$work/run.log" &
    service_pid=$!
    service_wait && service_log_in attacked || return 1
    DUM_KEY=$(service_admin key add attacked --scope read --scope write \
        --scope admin 2>/dev/null) || return 1
    export DUM_URL DUM_STATE DUM_KEY
}

# Let nginx send HSTS, which a trial does without, as an installation does, and
# take its certificate anew.
service_hsts()
{
    local tries
    # The map of that name, in nginx's words.
    # shellcheck disable=SC2016
    sed -i '/\$dum_hsts {/,/}/s/default ""/default "max-age=63072000"/' \
        "$DUM_STATE/nginx/dum/dum-http.conf" || return 1
    kill -HUP "$(cat "$DUM_STATE/run/nginx.pid")" || return 1
    for ((tries = 0; tries < 100; tries++)); do
        ! curl -ks -D - -o /dev/null "$DUM_URL/health" |
            grep -qi '^strict-transport-security: max' || return 0
        sleep 0.1
    done
    return 1
}

# What an attack must leave behind: no answer of 500 or more, a whole database,
# a whole journal, and a service that answers.
service_is_sound()
{
    local log=$DUM_STATE/log/access.log
    if grep -E '"status":5[0-9][0-9]' "$log" >"$work/5xx"; then
        echo "answers of 500 and more: $(wc -l <"$work/5xx"), the first:"
        head -n 3 "$work/5xx"
        return 1
    fi
    [ "$(sqlite3 "file:$DUM_STATE/data_usage.db?mode=ro" \
        'PRAGMA integrity_check')" = ok ] || {
        echo "the database is damaged"
        return 1
    }
    service_admin audit verify >"$work/audit" 2>&1 || {
        cat "$work/audit"
        return 1
    }
    curl -ksS --fail -o /dev/null "$DUM_URL/health" || return 1
    grep -Ei 'sanitizer|hung in a request|assert' "$DUM_STATE/log/api.log" &&
        return 1
    return 0
}

service_stop()
{
    [ -n "$service_pid" ] || return 0
    kill -TERM "$service_pid" 2>/dev/null
    wait "$service_pid"
    service_pid=
    rm -rf "$work"
}

#!/bin/bash
# sqlmap (level 5, risk 3, all techniques) on every parameter of every route: in
# queries, paths, bodies and header fields, with a key and with a session. It
# finds none that can be injected.
set -u

cd "$(dirname "$0")" || exit 1
# shellcheck source-path=SCRIPTDIR source=service.sh
. ./service.sh
out=$DUM_OUT/sqlmap
mkdir -p "$out"

# A name that there is, and one that there is not.
"$BIN/dum-backup" --config "$DUM_STATE/dum.conf" create >/dev/null || exit 1
backup=$(cd "$DUM_STATE/backups" && ls -- *.db.gz) || exit 1
gone=data_usage_backup_20200101_000000.db.gz

# Who asks, how, for what, and with which body ("\n" ends a line of a table).
# "*" marks what is tested where it is not all of the query or the body (in
# bodies of PATCH and PUT, sqlmap finds it in no other way). Ids that are not
# there keep the rows that the others need; /api/auth/sessions/{id} never meets
# our own session.
# What is done with a value does not depend on who sent it, so reads are tried
# with both credentials and changes with one of them.
#
# DUM_TARGETS: only the lines that this regular expression matches.
targets()
{
    grep -E -- "${DUM_TARGETS:-.}" <<'END' |
both    GET    /api/data/locations?include_inactive=true
both    GET    /api/data/daily-usage?start_date=2026-01-01&end_date=2026-12-31&location_id=1&page=1&per_page=20
key     GET    /api/data/daily-usage?format=json
both    GET    /api/data/daily-usage/1*
both    GET    /api/data/locations/1*
both    GET    /api/data/cycles?location_id=1&limit=5
both    GET    /api/data/monthly-summaries?location_id=1&start_date=2026-01-01&end_date=2026-12-31
both    GET    /api/imports?limit=5&before=99
both    GET    /api/jobs/1*
both    GET    /api/settings/billing-cycle?location_id=1&preview_day=5&valid_from=2026-01-01
session GET    /api/system/backups?nothing=1
key     GET    /api/system/backups/BACKUP*
key     GET    /api/system/database-info?nothing=1
key     GET    /api/openapi.json?nothing=1
session GET    /api/users?nothing=1
session GET    /api/keys?nothing=1
session GET    /api/auth/sessions?nothing=1
nobody  GET    /api/auth/session?nothing=1
nobody  GET    /health?nothing=1
both    GET    /api/dashboard/usage-trends?days=30&location_id=1&format=wide
both    GET    /api/dashboard/overview?nothing=1
both    GET    /api/audit?kind=event&actor=user:a&op=login&table=users&start_date=2026-01-01&end_date=2026-12-31&before=99&limit=50
key     POST   /api/data/locations {"name":"north","display_name":"North"}
session PATCH  /api/data/locations/1* {"display_name":"One"}
key     PATCH  /api/data/locations/2 {"name":"two*","display_name":"Two*","is_active":true}
session POST   /api/data/daily-usage {"location_id":1,"date":"2026-01-02","usage_gb":1.5}
key     PUT    /api/data/daily-usage/2 {"usage_gb":"1.5*"}
session PUT    /api/data/daily-usage/3* {"usage_gb":2}
key     DELETE /api/data/daily-usage/99999*
key     POST   /api/data/daily-usage [{"location_id":1,"date":"2026-01-03*","usage_gb":1.5*}]
session PUT    /api/data/monthly-summaries {"period_start":"2026-01-13*","location_id":1*,"total_usage_gb":5*}
both    GET    /api/data/monthly-summaries/1*
key     DELETE /api/data/monthly-summaries/99999*
key     POST   /api/imports?filename=a.csv&format=wide&date_format=iso&year=2026&decimal=point&unit=GB&empty=skip&max_daily_gb=100&allow_future=true&skip_rejected=true&dry_run=true date,one\n2026-01-02,1.5\n
session POST   /api/imports?filename=a*.csv date,location,usage_gb\n2026-01-02*,one*,1.5*\n
session POST   /api/imports/99999*/undo
session PUT    /api/settings/billing-cycle {"cycle_day":13*,"valid_from":"2026-01-01*","location_id":1*}
session DELETE /api/settings/billing-cycle/99999*
key     POST   /api/system/backup {"name":"x*"}
session DELETE /api/system/backups/GONE*
key     POST   /api/system/backups/BACKUP*/verify {"level":1*}
session POST   /api/system/backups/GONE*/restore {"confirm":"x*"}
session POST   /api/users {"username":"someone","password":"a long enough phrase","role":"viewer","locations":[1]}
key     PATCH  /api/users/99999* {"role":"viewer*","password":"a long enough phrase*","is_active":true,"locations":[1*],"remove_totp":true}
session DELETE /api/users/99999*
session POST   /api/keys {"name":"some key","scopes":["read"],"locations":[1],"expires_at":"2027-01-01T00:00:00Z"}
key     DELETE /api/keys/99999*
session DELETE /api/auth/sessions/99999*
session POST   /api/auth/password {"current_password":"not the one that it is","new_password":"another long phrase"}
session POST   /api/auth/totp {"password":"not the one that it is"}
session POST   /api/auth/totp/confirm {"code":"123456"}
session DELETE /api/auth/totp {"password":"not the one that it is*","code":"123456*"}
session POST   /api/auth/logout?nothing=1
nobody  POST   /api/auth/login {"username":"someone","password":"a long enough phrase","code":"123456"}
nobody  POST   /api/auth/setup {"token":"abc","username":"someone","password":"a long enough phrase"}
END
        sed "s/BACKUP/$backup/; s/GONE/$gone/"
}

# test_one NAME METHOD PATH BODY ARGUMENT...
test_one()
{
    local name=$1 method=$2 path=$3 body=$4 place
    shift 4
    local arguments=(--batch --ignore-stdin --disable-coloring --level 5
        --risk 3 --technique BEUSTQ --dbms sqlite --threads 4 --flush-session
        --tamper xforwardedfor --timeout 20 --retries 1 --method "$method"
        --skip-waf --ignore-code "400,401,403,404,409,415,422,429"
        --output-dir "$out/state" -u "$DUM_URL$path")
    case $body in
    '') ;;
    ['{[']*) arguments+=(--data "$body" -H 'Content-Type: application/json') ;;
    *) arguments+=(--data "${body//'\n'/$'\n'}" -H 'Content-Type: text/csv') ;;
    esac
    case $path$body$* in
    *'*'*) place= ;;
    *'{'*) place='(custom) POST' ;;
    *) place=GET ;;
    esac
    [ -z "$place" ] || arguments+=(--param-filter "$place")
    timeout 900 sqlmap "${arguments[@]}" "$@" >"$out/$name.txt" 2>&1
    judge "$name" "$method $path"
}

# Nothing but sqlmap's own "no" counts as one.
judge()
{
    local log=$out/$1.txt
    parameters=$((parameters + $(grep -c 'does not seem to be injectable' "$log")))
    runs=$((runs + 1))
    if grep -Eq 'identified the following injection|is vulnerable' "$log" ||
        ! grep -q 'all tested parameters do not appear to be injectable' "$log"
    then
        found+=("$2")
        echo "--- $1: $2" >&2
        tail -n 15 "$log" >&2
    fi
}

parameters=0 runs=0 found=() number=0

as_key() { test_one "$@" -H "Authorization: Bearer $DUM_KEY"; }

# A user for each: wrong passwords make him wait.
as_session()
{
    service_log_in "for-$1" || return 1
    test_one "$@" -H "Cookie: $DUM_COOKIE" -H "X-CSRF-Token: $DUM_CSRF"
}

while read -r who method path body; do
    number=$((number + 1))
    case $who in
    both | key) as_key "$number-key" "$method" "$path" "$body" ;;&
    both | session) as_session "$number-session" "$method" "$path" "$body" ;;
    nobody) test_one "$number" "$method" "$path" "$body" ;;
    esac
done < <(targets)

# Header fields that are read, or kept.
body='{"username":"someone","password":"a long enough phrase"}'
test_one agent POST /api/auth/login "$body" -H 'User-Agent: x*'
test_one origin GET /api/data/locations '' -H 'Origin: https://a.example*'
test_one cookie GET /api/data/locations '' -H 'Cookie: __Host-dum=x*'
test_one bearer GET /api/data/locations '' -H 'Authorization: Bearer dum_x*'
test_one request_id GET /health '' -H 'X-Request-Id: x*'
as_session csrf DELETE /api/auth/sessions/99999 '' -H 'X-CSRF-Token: x*'
as_key none_match GET /api/data/daily-usage '' -H 'If-None-Match: "x*"'
as_key accept GET /api/data/daily-usage '' -H 'Accept: application/json;q=1*'
as_key match PUT /api/data/daily-usage/2 '{"usage_gb":2}' -H 'If-Match: "x*"'
as_key once POST /api/data/daily-usage \
    '{"location_id":1,"date":"2026-01-04","usage_gb":1.5}' \
    -H 'Idempotency-Key: x*'

if [ ${#found[@]} -gt 0 ]; then
    echo "${#found[@]} of $runs runs of sqlmap, the first: ${found[0]}"
    exit 1
fi
echo "$parameters parameters in $runs runs of sqlmap, none to inject into"

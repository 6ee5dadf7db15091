#!/bin/bash
# Clients that are slow on purpose, 500 at a time: with their headers, their
# bodies, and with reading. The service answers others all the while.
set -u

seconds=40

# Others meanwhile: the time of each request, or "failed".
ask_all_the_while()
{
    local end=$((SECONDS + seconds))
    while [ $SECONDS -lt $end ]; do
        curl -ksS --fail -o /dev/null --max-time 5 -w '%{time_total}\n' \
            "$DUM_URL/health" || echo failed
        sleep 0.2
    done
}

# try NAME PATH ARGUMENT...
try()
{
    local name=$1 path=$2 times=$DUM_OUT/slow-$1.times asker p95
    shift 2
    ask_all_the_while >"$times" 2>&1 &
    asker=$!
    slowhttptest -c 500 -r 100 -l "$seconds" -p 3 "$@" -u "$DUM_URL$path" \
        </dev/null >"$DUM_OUT/slow-$name.txt" 2>&1
    wait "$asker"
    p95=$(sort -n "$times" | awk '{ t[NR] = $1 }
        END { print t[int(NR * 0.95)] }')
    echo "$name: $(wc -l <"$times") requests beside it," \
        "$(grep -c failed "$times") failed, 95 % within $p95 s" >&2
    # The tool says so in colours.
    if grep -q 'service available:.*NO' "$DUM_OUT/slow-$name.txt" ||
        ! grep -q 'service available:.*YES' "$DUM_OUT/slow-$name.txt" ||
        grep -q failed "$times" ||
        awk -v p="$p95" 'BEGIN { exit !(p >= 1) }'; then
        found+=("$name")
    fi
    worst=$(printf '%s\n%s\n' "$worst" "$p95" | sort -n | tail -n 1)
}

found=() worst=0
try headers / -H -i 5
try bodies /api/auth/login -B -i 5 -s 8192
# Something that does not fit into the system's buffers at once.
script=$(curl -ksS "$DUM_URL/" | grep -o '/assets/[^"]*\.js' | head -n 1)
try reading "$script" -X -w 10 -y 20 -n 5 -z 32 -k 3
if [ ${#found[@]} -gt 0 ]; then
    echo "the service was held up by slow ${found[*]}"
    exit 1
fi
echo "500 slow clients of each kind; others' 95 % within $worst s"

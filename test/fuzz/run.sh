#!/bin/sh
# Run the fuzzers that `make fuzz` has built, one after the other.
#
# usage: run.sh BUILD SECONDS [NAME...]
#
# Seeds are kept in test/fuzz/corpus/NAME and only read; what a run finds goes
# to BUILD/corpus/NAME and is there for the next run. A finding is kept in
# BUILD/findings; put it among the seeds together with its fix.
set -eu

build=$1 seconds=$2
shift 2
here=$(dirname "$0")
findings=$build/findings
mkdir -p "$findings"

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
failed=0
for fuzzer in "$build"/fuzz/fuzz_*; do
    case $fuzzer in *.d | *.o) continue ;; esac
    name=${fuzzer##*/fuzz_}
    if [ $# -gt 0 ]; then
        case " $* " in *" $name "*) ;; *) continue ;; esac
    fi
    seeds=$here/corpus/$name
    found=$build/corpus/$name
    mkdir -p "$found"
    set_of_files="$found"
    [ ! -d "$seeds" ] || set_of_files="$found $seeds"
    echo "fuzz $name, $seconds s"
    # Two folders without blanks in their names.
    # shellcheck disable=SC2086
    if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=4096 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$findings/$name-" $set_of_files \
        >"$findings/$name.log" 2>&1; then
        sed -n 's/^stat::number_of_executed_units: */  runs /p' \
            "$findings/$name.log"
    else
        failed=1
        echo "  FINDING, see $findings/$name.log:"
        grep -E 'ERROR|SUMMARY|runtime error' "$findings/$name.log" | head -5
    fi
done
[ $failed = 0 ] || echo 'fuzz: findings in '"$findings"
exit $failed

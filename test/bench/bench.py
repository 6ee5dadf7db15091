"""Requests a second, and the time of an import, on a fresh service.

50 locations x 1,826 days, 4 workers behind nginx over TLS, 50 connections on
loopback, five seconds each. The import is held against the sqlite3 program
that puts the same rows into the same table. Prints a table; --json FILE keeps
the figures.
"""

import argparse
import datetime
import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(TOP, "build/release/bin")
LOCATIONS, DAYS = 50, 1826

READS = {
    "health": "/health",
    "overview": "/api/dashboard/overview",
    "trends, 30 days, columns": "/api/dashboard/usage-trends?days=30&format=columns",
    "trends, 30 days, rows": "/api/dashboard/usage-trends?days=30",
    "page of 50 records": "/api/data/daily-usage?page=1",
    "locations": "/api/data/locations",
}


def write_csv(path):
    """The same table each time; returns its rows for the sqlite3 program."""
    rng = random.Random(91300)
    today = datetime.date.today()
    with open(path, "w", encoding="ascii") as file:
        file.write("date," + ",".join(f"site_{i:03}" for i in range(LOCATIONS)) + "\n")
        for back in range(DAYS - 1, -1, -1):
            day = today - datetime.timedelta(back)
            cells = (f"{rng.uniform(0, 90):.3f}" for _ in range(LOCATIONS))
            file.write(f"{day}," + ",".join(cells) + "\n")


def start(state):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = subprocess.Popen([f"{TOP}/scripts/run", "--state", state, "--port", str(port),
                            "--workers", "4", "--unlimited"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = run.stdout.readline()
    if not line.startswith("ready "):
        raise SystemExit("bench: the service did not start")
    return run, line.split()[1].rstrip("/")


def wrk(url, script=None, seconds=5):
    command = ["wrk", "-t2", "-c50", f"-d{seconds}s", "--latency"]
    if script:
        command += ["-s", script]
    text = subprocess.run(command + [url], check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    p99 = re.search(r"99%\s+(\S+)", text).group(1)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {"per_second": rate, "p99": p99, "errors": int(bad.group(1)) if bad else 0}


def timed(command, **options):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - begin


def time_sqlite(csv, folder):
    """The rows of the file by the sqlite3 program: FULL, one transaction."""
    schema = open(f"{TOP}/sql/migrations/001_first.sql", encoding="utf-8").read()
    path = os.path.join(folder, "plain.sql")
    with open(csv, encoding="ascii") as file, open(path, "w", encoding="ascii") as out:
        out.write("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;\n" + schema + "BEGIN;\n")
        names = file.readline().strip().split(",")[1:]
        for name in names:
            out.write(f"INSERT INTO locations (name, display_name) VALUES ('{name}', '{name}');\n")
        for line in file:
            day, *cells = line.strip().split(",")
            for i, cell in enumerate(cells, 1):
                out.write("INSERT INTO daily_usage (date, location_id, usage_bytes)"
                          f" VALUES ('{day}', {i}, {round(float(cell) * 1e9)});\n")
        out.write("COMMIT;\n")
    with open(path, encoding="ascii") as source:
        return timed(["sqlite3", os.path.join(folder, "plain.db")], stdin=source)


def measure(folder):
    csv = os.path.join(folder, "usage.csv")
    state = os.path.join(folder, "state")
    result = {"rows": LOCATIONS * DAYS}
    write_csv(csv)
    run, url = start(state)
    try:
        result["import_s"] = timed([f"{BIN}/dum-import", "--config", f"{state}/dum.conf", csv])
        result["sqlite3_s"] = time_sqlite(csv, folder)
        for name, path in READS.items():
            result[name] = wrk(url + path)
        result["write of one day"] = wrk(url + "/api/data/daily-usage", f"{TOP}/test/bench/post.lua")
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(30)
    return result


def main():
    parser = argparse.ArgumentParser(description="measure the hot paths")
    parser.add_argument("--json", metavar="FILE", help="keep the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(folder)
    print(f"{result['rows']} rows; import {result['import_s']:.2f} s, sqlite3 program"
          f" {result['sqlite3_s']:.2f} s, ratio {result['import_s'] / result['sqlite3_s']:.2f}")
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"{name:28} {value['per_second']:10.0f}/s  p99 {value['p99']:>9}  errors {value['errors']}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()

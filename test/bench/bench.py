"""Ours beside its peers, on the same rows, in one run.

usage: bench.py [--quick] [--json FILE] [--only WORD] [--peers DIR] [--seconds N]

Two databases, 50 locations x 1,826 days and 1,000 x 3,650, both made by the
peers' own generator and taken over by dum-import --database. Every read is
measured warm, with one write a second beside it, and with the answer cache off.
The ceiling is a FastCGI program that does no work behind the same nginx with
the same number of workers; PHP-FPM and Flask give the first description's
answers from the same rows. wrk with 50 connections on loopback, TLS.

Figures of one run can be held against each other, not against another run's.
--quick leaves the large database out.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import servers
from servers import BIN, NO_CHECK, TOP

WORKERS = 4
CONNECTIONS = 50
SMALL, LARGE, SHORT = (50, 1826), (1000, 3650), (1000, 60)


def say(text):
    print(text, file=sys.stderr, flush=True)


# --- loads --------------------------------------------------------------------

def wrk(server, path, seconds, script=None, connections=CONNECTIONS):
    """Requests a second, and the median and 99th percentile in ms."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    for name, value in server.headers.items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", script]
    text = subprocess.run(command + [server.url(path)], check=True, capture_output=True,
                          text=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    lost = re.search(r"Socket errors: (.*)", text)
    return {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            "p50_ms": milliseconds(re.search(r"^ +50% +(\S+)", text, re.M).group(1)),
            "p99_ms": milliseconds(re.search(r"^ +99% +(\S+)", text, re.M).group(1)),
            "errors": (int(bad.group(1)) if bad else 0) + (1 if lost else 0)}


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def send(server, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url(path), data, method=method,
                                     headers={**server.headers, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=NO_CHECK, timeout=30) as answer:
        return json.load(answer)


class OneWriteASecond:
    """Changes a day of the first location each second while it is entered."""

    def __init__(self, server, location):
        self.server = server
        self.location = location
        self.done = threading.Event()
        self.writes = 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        today = datetime.date.today().isoformat()
        while True:
            self.writes += 1
            send(self.server, "POST", "/api/data/daily-usage",
                 {"date": today, "location_id": self.location,
                  "usage_gb": self.writes % 50 + 0.25})
            if self.done.wait(1):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


# --- databases ----------------------------------------------------------------

def make_database(peers, folder, locations, days):
    path = f"{folder}/peer-{locations}x{days}.db"
    if not os.path.exists(path):
        say(f"making {locations} locations x {days} days")
        subprocess.run([sys.executable, f"{peers}/gendb.py", path, str(locations), str(days),
                        datetime.date.today().isoformat()], check=True)
    return path


def start_ours(folder, name, peer_database):
    """A service of ours with the rows of a peer's database."""
    state = f"{folder}/ours-{name}"
    ours = servers.Ours(state, WORKERS)
    begin = time.monotonic()
    ours.tool("dum-import", "--database", peer_database)
    say(f"took {name} over in {time.monotonic() - begin:.1f} s")
    return ours


def dates():
    today = datetime.date.today()
    start = today.replace(day=13) if today.day >= 13 else \
        (today.replace(day=1) - datetime.timedelta(1)).replace(day=13)
    return start.isoformat(), today.isoformat()


# --- what is measured ----------------------------------------------------------

def reads():
    """name -> (path of ours, path of the peers)"""
    start, today = dates()
    return {
        "overview": ("/api/dashboard/overview",) * 2,
        "trends, 30 days": ("/api/dashboard/usage-trends?days=30",) * 2,
        "one location's cycle": ("/api/data/cycles?location_id=1&limit=1",
                                 f"/api/data/daily-usage?location_id=1&start_date={start}&end_date={today}"),
        "page of 50 records": ("/api/data/daily-usage?page=1&per_page=50",
                               f"/api/data/daily-usage?start_date={today}"),
    }


def measure_reads(ours, peers, wanted, seconds):
    rows = {}
    start_cache = {"ANSWER_CACHE_SIZE": "0"}
    chosen = {n: p for n, p in reads().items() if wanted in n}
    for name, (path, peer_path) in chosen.items():
        say(f"{name}: warm, with writes, peers")
        row = rows[name] = {"warm": wrk(ours, path, seconds)}
        with OneWriteASecond(ours, 1):
            row["a write a second"] = wrk(ours, path, seconds)
        for peer in peers:
            row[type(peer).__name__.lower()] = wrk(peer, peer_path, seconds)
    say("the same with the answer cache off")
    ours.restart(start_cache)
    for name, (path, _) in chosen.items():
        rows[name]["cache off"] = wrk(ours, path, seconds)
    ours.restart({})
    return rows


def build_commit_loop(folder):
    program = f"{folder}/commit_loop"
    subprocess.run(["gcc", "-O2", "-o", program, f"{TOP}/test/bench/commit_loop.c", "-lsqlite3"],
                   check=True)
    return program


def measure_writes(ours, folder, seconds):
    """Acknowledged changes through nginx against a bare loop of commits."""
    loop = build_commit_loop(folder)
    script = f"{TOP}/test/bench/post.lua"
    bare = json.loads(subprocess.run([loop, f"{folder}/bare.db", str(seconds)], check=True,
                                     capture_output=True, text=True).stdout)
    return {"ours, 50 connections": wrk(ours, "/api/data/daily-usage", seconds, script),
            "ours, 1 connection": wrk(ours, "/api/data/daily-usage", seconds, script, 1),
            "a loop of commits": {"per_second": bare["per_second"], "errors": 0}}


def settle(ours):
    time.sleep(1)
    return max(servers.pss_kib(pid) for pid in ours.pids())


def measure_memory(ours):
    """The largest worker after so many mixed requests, in KiB (PSS)."""
    script = f"{TOP}/test/bench/mixed.lua"
    figures, sent = {}, 0
    for target in (10000, 100000):
        while sent < target:
            load = wrk(ours, "/", 2, script)
            sent += int(load["per_second"] * 2)
        figures[f"after {target}"] = settle(ours)
    return figures


def measure_large(folder, peers_dir, seconds):
    """The overview with the cache off: does its cost follow history?"""
    result = {}
    for name, size in (("1000 x 60", SHORT), ("1000 x 3650", LARGE)):
        ours = start_ours(folder, name.replace(" ", ""), make_database(peers_dir, folder, *size))
        try:
            ours.restart({"ANSWER_CACHE_SIZE": "0"})
            result[name] = wrk(ours, "/api/dashboard/overview", seconds, connections=4)
        finally:
            ours.stop()
    return result


# --- the table ------------------------------------------------------------------

def ratio(a, b):
    return a["per_second"] / b["per_second"]


def print_reads(rows):
    columns = ["warm", "a write a second", "cache off", "ceiling", "php", "flask"]
    print(f"{'requests a second':24}" + "".join(f"{c:>17}" for c in columns))
    for name, row in rows.items():
        print(f"{name:24}" + "".join(
            f"{row[c]['per_second']:17.0f}" if c in row else f"{'-':>17}" for c in columns))
    print(f"\n{'ratios':24}" + "".join(
        f"{c:>17}" for c in ("warm/ceiling", "write/ceiling", "off/ceiling", "warm/php", "off/php",
                             "warm/flask")))
    for name, row in rows.items():
        pairs = [("warm", "ceiling"), ("a write a second", "ceiling"), ("cache off", "ceiling"),
                 ("warm", "php"), ("cache off", "php"), ("warm", "flask")]
        print(f"{name:24}" + "".join(
            f"{ratio(row[a], row[b]):17.2f}" if a in row and b in row else f"{'-':>17}"
            for a, b in pairs))
    bad = {f"{name}, {column}": load["errors"] for name, row in rows.items()
           for column, load in row.items() if load["errors"]}
    if bad:
        print(f"errors: {bad}")


def print_result(result):
    print_reads(result["reads"])
    writes = result.get("writes")
    if writes:
        best = writes["a loop of commits"]
        print("\nsingle writes a second: " + ", ".join(
            f"{name} {load['per_second']:.0f} ({ratio(load, best):.2f})"
            for name, load in writes.items()))
    if "memory_kib" in result:
        print("largest worker, PSS: " + ", ".join(
            f"{name} requests {kib / 1024:.1f} MB" for name, kib in result["memory_kib"].items()))
    if "large" in result:
        short, long = result["large"]["1000 x 60"], result["large"]["1000 x 3650"]
        print(f"overview, cache off, p50: 1000 x 60 {short['p50_ms']:.1f} ms, 1000 x 3650"
              f" {long['p50_ms']:.1f} ms, ratio {long['p50_ms'] / short['p50_ms']:.2f}")


def main():
    parser = argparse.ArgumentParser(description="measure ours beside its peers")
    parser.add_argument("--json", metavar="FILE", help="keep the figures")
    parser.add_argument("--quick", action="store_true", help="leave the large database out")
    parser.add_argument("--only", default="", metavar="WORD", help="reads whose name holds it, nothing else")
    parser.add_argument("--seconds", type=int, default=5, help="of each load (5)")
    parser.add_argument("--peers", default=os.path.join(TOP, "..", "shared", "peers"),
                        help="folder of the peers' programs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dum-bench.") as folder:
        result = measure(folder, options)
    print_result(result)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


def measure(folder, options):
    database = make_database(options.peers, folder, *SMALL)
    ours = start_ours(folder, "small", database)
    running = [ours]
    result = {"workers": WORKERS, "connections": CONNECTIONS, "seconds": options.seconds}
    try:
        running.append(servers.Ceiling(f"{folder}/ceiling", ours, options.peers, WORKERS))
        running.append(servers.Php(f"{folder}/php", ours, options.peers, WORKERS, database))
        running.append(servers.Flask(f"{folder}/flask", ours, options.peers, WORKERS, database))
        result["reads"] = measure_reads(ours, running[1:], options.only, options.seconds)
        if not options.only:
            result["writes"] = measure_writes(ours, folder, options.seconds)
            result["memory_kib"] = measure_memory(ours)
    finally:
        for server in reversed(running):
            server.stop()
    if not options.only and not options.quick:
        result["large"] = measure_large(folder, options.peers, options.seconds)
    return result


if __name__ == "__main__":
    if not os.path.exists(f"{BIN}/dum-api"):
        sys.exit("bench: run make bench, which builds first")
    main()

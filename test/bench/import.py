"""The time of an import beside the sqlite3 program's for the same rows.

usage: import.py [--locations N] [--days N] [--runs N] [--json FILE]

Both get a database of the same definition and indexes (sql/migrations), WAL,
synchronous FULL, one transaction, the same page cache, and take turns. Ours
reads a wide table of gigabytes, finds out how it is written, checks every
cell, keeps the journal and the counters. sqlite3 gets finished rows out of
another database by INSERT ... SELECT, without a text to read, which is the
fastest it has. The least of the runs counts; --json keeps the figures.
"""

import argparse
import datetime
import glob
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(TOP, "build/release/bin")
CACHE_KIB = 16384


def write_files(folder, locations, days):
    """The wide table for us, the finished rows for sqlite3."""
    ready = sqlite3.connect(f"{folder}/rows.db")
    ready.execute("CREATE TABLE r (d TEXT, l INTEGER, b INTEGER, at TEXT)")
    rng = random.Random(3650)
    first = datetime.date.today() - datetime.timedelta(days)
    now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    with open(f"{folder}/wide.csv", "w", encoding="ascii") as wide:
        wide.write("date," + ",".join(f"site_{i:04}" for i in range(locations)) + "\n")
        for back in range(days):
            day = first + datetime.timedelta(back)
            amounts = [rng.randrange(90000) for _ in range(locations)]
            wide.write(f"{day}," + ",".join(f"{a // 1000}.{a % 1000:03}" for a in amounts) + "\n")
            ready.executemany("INSERT INTO r VALUES (?, ?, ?, ?)",
                              ((str(day), i, a * 1000000, now)
                               for i, a in enumerate(amounts, 1)))
    ready.commit()
    ready.close()


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, **options):
    """Seconds that passed, and those of the processor."""
    begin, cpu = time.monotonic(), cpu_of_children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - begin, cpu_of_children() - cpu


def ours(folder):
    home = os.path.join(folder, "ours")
    shutil.rmtree(home, ignore_errors=True)
    os.mkdir(home)
    with open(f"{home}/dum.conf", "w", encoding="ascii") as file:
        file.write(f"DATABASE_PATH={home}/d.db\nSECRET_KEY_FILE={home}/key\n"
                   f"DATABASE_BACKUP_DIR={home}/backups\n")
    subprocess.run([f"{BIN}/dum-admin", "--config", f"{home}/dum.conf", "init"], check=True,
                   stdout=subprocess.DEVNULL)
    return timed([f"{BIN}/dum-import", "--config", f"{home}/dum.conf", f"{folder}/wide.csv"])


def plain(folder, locations):
    path = os.path.join(folder, "plain.db")
    for name in glob.glob(path + "*"):
        os.remove(name)
    settings = ("PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n"
                f"PRAGMA wal_autocheckpoint = 0;\nPRAGMA cache_size = -{CACHE_KIB};\n"
                "PRAGMA foreign_keys = ON;\n")
    schema = settings
    for name in sorted(glob.glob(f"{TOP}/sql/migrations/*.sql")):
        with open(name, encoding="utf-8") as file:
            schema += file.read() + "\n"
    schema += ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
               f" WHERE i < {locations}) INSERT INTO locations (name, display_name)"
               " SELECT 'site_' || i, i FROM n;\n")
    subprocess.run(["sqlite3", path], input=schema, text=True, check=True,
                   stdout=subprocess.DEVNULL)
    load = (f"{settings}ATTACH '{folder}/rows.db' AS ready;\n"
            "INSERT INTO daily_usage (date, location_id, usage_bytes, created_at, updated_at)"
            " SELECT d, l, b, at, at FROM ready.r ORDER BY ready.r.rowid;\n")
    with open(f"{folder}/load.sql", "w", encoding="ascii") as file:
        file.write(load)
    with open(f"{folder}/load.sql", encoding="ascii") as source:
        return timed(["sqlite3", path], stdin=source)


def count(path):
    done = subprocess.run(["sqlite3", f"file:{path}?mode=ro",
                           "SELECT count(*), sum(usage_bytes) FROM daily_usage"],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description="an import beside sqlite3's")
    parser.add_argument("--locations", type=int, default=1000)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--json", metavar="FILE", help="keep the figures")
    options = parser.parse_args()
    times = {"ours": [], "sqlite3": []}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        write_files(folder, options.locations, options.days)
        for _ in range(options.runs):
            times["ours"].append(ours(folder))
            times["sqlite3"].append(plain(folder, options.locations))
        ours_has, theirs = count(f"{folder}/ours/d.db"), count(f"{folder}/plain.db")
    if ours_has != theirs:
        raise SystemExit(f"bench: {ours_has} is not {theirs}")
    wall, cpu = ({k: min(t[i] for t in times[k]) for k in times} for i in (0, 1))
    result = {"cells": options.locations * options.days,
              "import_s": wall["ours"], "sqlite3_s": wall["sqlite3"],
              "ratio": wall["ours"] / wall["sqlite3"],
              "cpu_ratio": cpu["ours"] / cpu["sqlite3"], "runs": times}
    print(f"{result['cells']} cells: dum-import {result['import_s']:.2f} s, sqlite3"
          f" {result['sqlite3_s']:.2f} s, ratio {result['ratio']:.2f}, of the processor"
          f" {result['cpu_ratio']:.2f}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()

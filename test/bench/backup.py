"""A backup and its proof beside what comes with Debian, on one database.

usage: backup.py [--locations N] [--days N] [--runs N] [--json FILE]

create --verify 0 and create (read back) against sqlite3's .backup and gzip -1,
one after the other; verify --level 2 against gunzip and integrity_check; the
most memory that each of ours took; and how long a writer waits for a commit
with a backup beside it and without one. All take turns, and the least of the
runs counts: others at work on the machine make both longer, never shorter.
Ends with status 1 where a figure is above what is promised.
"""

import argparse
import datetime
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(TOP, "build/release/bin")
# What is promised: ratios, MB and milliseconds.
MOST = {"create_0": 0.8, "create_1": 1.0, "verify_2": 1.1, "memory_mb": 24, "waits_more_ms": 150}
WRITE_EVERY_S = 0.005


def say(text):
    print(text, file=sys.stderr, flush=True)


class Installation:
    def __init__(self, folder):
        self.folder = folder
        self.database = f"{folder}/data_usage.db"
        self.key = f"{folder}/backup.key"
        self.most_mb = {}       # by what was done
        with open(f"{folder}/dum.conf", "w", encoding="ascii") as f:
            f.write(f"DATABASE_PATH={self.database}\nSECRET_KEY_FILE={folder}/secret.key\n"
                    f"AUDIT_ANCHOR_FILE={folder}/anchors.log\n"
                    f"DATABASE_BACKUP_DIR={folder}/backups\n")
        with open(self.key, "w", encoding="ascii") as f:
            f.write("0123456789abcdef" * 4 + "\n")
        os.chmod(self.key, 0o600)
        self.run("dum-admin", "init")

    def run(self, name, *words):
        """Its answer, how long it took, and the most memory that it had."""
        begin = time.monotonic()
        with subprocess.Popen([f"{BIN}/{name}", "--config", f"{self.folder}/dum.conf", *words],
                              stdout=subprocess.PIPE, text=True) as program:
            answer = program.stdout.read()
            _, status, used = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode != 0:
            raise SystemExit(f"bench: {name} {' '.join(words)} ended with {program.returncode}")
        return answer, time.monotonic() - begin, used.ru_maxrss * 1024 / 1e6

    def backup(self, what, *words):
        answer, seconds, mb = self.run("dum-backup", *words)
        self.most_mb[what] = max(mb, self.most_mb.get(what, 0))
        return answer, seconds

    def create(self, what, *words):
        """Make one; how long that took, and its name."""
        answer, seconds = self.backup(what, "create", "--json", *words)
        return seconds, json.loads(answer)["file"]

    def forget(self, name):
        for end in ("", ".json"):
            os.remove(f"{self.folder}/backups/{name}{end}")

    def fill(self, locations, days):
        rng = random.Random(3650)
        first = datetime.date.today() - datetime.timedelta(days)
        with open(f"{self.folder}/wide.csv", "w", encoding="ascii") as wide:
            wide.write("date," + ",".join(f"site_{i:04}" for i in range(locations)) + "\n")
            for back in range(days):
                amounts = (rng.randrange(90000) for _ in range(locations))
                wide.write(f"{first + datetime.timedelta(back)},"
                           + ",".join(f"{a // 1000}.{a % 1000:03}" for a in amounts) + "\n")
        self.run("dum-import", f"{self.folder}/wide.csv")
        self.run("dum-admin", "checkpoint")
        os.remove(f"{self.folder}/wide.csv")


def timed(*commands):
    """Seconds that they take, one after the other."""
    begin = time.monotonic()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def plain_backup(home):
    copy = f"{home.folder}/plain.db"
    for name in (copy, copy + ".gz"):
        if os.path.exists(name):
            os.remove(name)
    return timed(["sqlite3", f"file:{home.database}?mode=ro", f".backup {copy}"],
                 ["gzip", "-1", copy])


def plain_check(home, name):
    copy = f"{home.folder}/check.db"
    seconds = timed(["sh", "-c", 'gunzip -c "$1" >"$2"', "sh",
                     f"{home.folder}/backups/{name}", copy],
                    ["sqlite3", copy, "PRAGMA integrity_check"])
    os.remove(copy)
    return seconds


class Writer:
    """Changes a day every few milliseconds while it is entered."""

    def __init__(self, home):
        self.home = home
        self.done = threading.Event()
        self.slowest = 0.0
        self.commits = 0
        self.thread = threading.Thread(target=self.write)

    def write(self):
        db = sqlite3.connect(self.home.database, isolation_level=None, timeout=20)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA synchronous = FULL")
        while not self.done.wait(WRITE_EVERY_S):
            begin = time.monotonic()
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE daily_usage SET usage_bytes = usage_bytes + 1000 WHERE id = ?",
                       (self.commits % 50000 + 1,))
            db.execute("COMMIT")
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.commits += 1
        db.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def waits(home):
    """The longest wait of a writer beside a backup, and alone for as long."""
    with Writer(home) as beside:
        seconds, name = home.create("create")
    home.forget(name)
    with Writer(home) as alone:
        time.sleep(seconds)
    say(f"  writer: {beside.commits} commits beside a backup, slowest {beside.slowest * 1000:.0f}"
        f" ms; {alone.commits} alone, {alone.slowest * 1000:.0f} ms")
    return beside.slowest * 1000, alone.slowest * 1000


def measure(home, runs):
    times = {"create_0": [], "create_1": [], "plain": [], "verify_2": [], "check": []}
    slowest = []
    for turn in range(1, runs + 1):
        times["plain"].append(plain_backup(home))
        seconds, name = home.create("create", "--verify", "0")
        times["create_0"].append(seconds)
        home.forget(name)
        seconds, name = home.create("create")
        times["create_1"].append(seconds)
        times["check"].append(plain_check(home, name))
        times["verify_2"].append(home.backup("verify", "verify", name, "--level", "2")[1])
        home.forget(name)
        say(f"  run {turn}: " + ", ".join(f"{k} {v[-1]:.2f} s" for k, v in times.items()))
    for _ in range(runs):
        slowest.append(waits(home))
    _, name = home.create("create, encrypted", "--key-file", home.key)
    home.backup("verify, encrypted", "verify", name, "--level", "3", "--key-file", home.key)
    return times, slowest


def figures(times, slowest, most_mb):
    least = {k: min(v) for k, v in times.items()}
    return {"create_0": least["create_0"] / least["plain"],
            "create_1": least["create_1"] / least["plain"],
            "verify_2": least["verify_2"] / least["check"],
            "memory_mb": max(most_mb["create"], most_mb["verify"]),
            "waits_more_ms": min(w[0] for w in slowest) - min(w[1] for w in slowest)}


def main():
    parser = argparse.ArgumentParser(description="a backup beside sqlite3's and gzip's")
    parser.add_argument("--locations", type=int, default=1000)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", metavar="FILE", help="keep the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        home = Installation(folder)
        home.fill(options.locations, options.days)
        size = os.path.getsize(home.database)
        say(f"{options.locations * options.days} days, {size / 1e6:.0f} MB")
        times, slowest = measure(home, options.runs)
        result = figures(times, slowest, home.most_mb)
    for name, value in result.items():
        print(f"{name:<14} {value:8.2f}   at most {MOST[name]}"
              + ("" if value <= MOST[name] else "   TOO MUCH"))
    print("memory in MB: " + ", ".join(f"{k} {v:.1f}" for k, v in home.most_mb.items()))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"days": options.locations * options.days, "bytes": size, **result,
                       "memory": home.most_mb, "seconds": times, "slowest_ms": slowest},
                      file, indent=2)
    if any(value > MOST[name] for name, value in result.items()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

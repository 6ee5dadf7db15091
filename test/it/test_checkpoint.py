"""No connection of any program checkpoints by itself, and the log stays short.

SQLite before 3.51.3 can lose committed pages when two processes checkpoint
and commit at once, so every connection has automatic checkpoints off and
db_checkpoint() is the only one, while another handle of the same process
holds the lock of writers. sqlite_watch.c, built here, is loaded into the
programs and writes down what each of their connections does.

Shown to fail: the test "the watch sees what it is there for" runs a program
without the guard each time. With "PRAGMA wal_autocheckpoint = 0" taken out of
lib/store/connect.c the watch reports 1000 pages for dum-api, dum-admin and
dum-import; with the BEGIN IMMEDIATE taken out of lib/store/checkpoint.c, or
db_checkpoint_if_long() out of app_after(), the tests of checkpoints fail.
"""

import collections
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from service import BIN, Service, clean_environment
from test_stack import today_of

HERE = pathlib.Path(__file__).resolve().parent
PASSIVE = 0

# Words for the commands of dum-admin that need some; the rest runs without.
ADMIN_WORDS = {
    ("location", "add"): ["somewhere"],
    ("location", "rename"): ["somewhere", "elsewhere"],
    ("location", "activate"): ["elsewhere"],
    ("location", "deactivate"): ["elsewhere"],
}

# How programs that have no test of their own here are made to open a database;
# each has to by one of these, or by words of its own to be added.
OTHERS = [[], ["list"], ["create"], ["--format", "long"]]

UNGUARDED = """
#include <sqlite3.h>
int main(int argc, char **argv)
{
	sqlite3 *db;
	if (argc != 2 || sqlite3_open(argv[1], &db) != SQLITE_OK)
		return 1;
	return sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (x);"
	                    "PRAGMA wal_checkpoint", 0, 0, 0) +
	       sqlite3_wal_checkpoint_v2(db, 0, SQLITE_CHECKPOINT_FULL, 0, 0) +
	       sqlite3_close(db);
}
"""


class Line(collections.namedtuple("Line", "program pid handle event values")):
    @classmethod
    def parse(cls, text):
        program, pid, handle, event, *values = text.split(" ")
        return cls(program, int(pid), handle, event, values)


class Watch:
    """The library, and what it wrote."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.library = self.folder / "sqlite_watch.so"
        self.file = self.folder / "seen"
        self.compile(HERE / "sqlite_watch.c", self.library, "-shared", "-fPIC")
        self.env = {"LD_PRELOAD": str(self.library),
                    "SQLITE_WATCH": str(self.file)}

    @staticmethod
    def compile(source, target, *options):
        subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra",
                        "-Werror", "-O1", *options, "-o", target, source,
                        *(["-ldl"] if options else ["-lsqlite3"])], check=True)

    def lines(self):
        if not self.file.exists():
            return []
        return [Line.parse(t) for t in self.file.read_text().splitlines()]


class Watched(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="dum-watch.")
        self.addCleanup(shutil.rmtree, folder)
        self.watch = Watch(folder)

    def assert_guarded(self, *programs):
        """All handles seen had automatic checkpoints off, all the time."""
        lines = self.watch.lines()
        self.assertLessEqual(set(programs), {line.program for line in lines})
        for line in lines:
            self.assertNotIn(line.event, ("auto", "sql"), line)
            if line.event == "close":
                self.assertEqual(line.values, ["0", "0"], line)
            elif line.event == "checkpoint":
                self.assertEqual(line.values, [str(PASSIVE), "1"], line)
        return lines

    def test_the_watch_sees_what_it_is_there_for(self):
        program = self.watch.folder / "unguarded"
        source = self.watch.folder / "unguarded.c"
        source.write_text(UNGUARDED)
        Watch.compile(source, program)
        subprocess.run([program, self.watch.folder / "some.db"], check=True,
                       env=clean_environment(**self.watch.env))
        seen = [(line.event, line.values) for line in self.watch.lines()]
        self.assertIn(("open", []), seen)
        self.assertIn(("auto", ["1000"]), seen)
        self.assertIn(("checkpoint", ["1", "0"]), seen)     # FULL, no lock
        self.assertIn(("close", ["1000", "1"]), seen)
        self.assertIn("sql", {event for event, _ in seen})

    def test_every_connection_of_the_tools(self):
        service = Service("--workers", "1").start()
        self.addCleanup(service.stop)
        env = self.watch.env
        service.tool("dum-import", "-", data=self.large(), env=env)
        service.tool("dum-import", "-", data="Date,A\n2024-01-01,-5\n",
                     status=2, env=env)
        for command in self.commands(service):
            words = ADMIN_WORDS.get(command, [])
            service.tool("dum-admin", *command, *words, data="", env=env,
                         status=0 if words or command == ("stats",) else None)
        others = {p.name for p in BIN.glob("dum-*")} - {
            "dum-api", "dum-admin", "dum-import"}
        for program in sorted(others):
            for words in OTHERS:
                service.tool(program, *words, data="", env=env, status=None)
        lines = self.assert_guarded("dum-import", "dum-admin", *others)
        self.assert_checkpoints(lines, "dum-import")

    def test_a_database_that_is_made(self):
        folder = self.watch.folder / "new"
        folder.mkdir()
        config = folder / "dum.conf"
        config.write_text(f"DATABASE_PATH={folder}/data_usage.db\n"
                          f"SECRET_KEY_FILE={folder}/secret.key\n"
                          f"AUDIT_ANCHOR_FILE={folder}/anchors.log\n"
                          f"DATABASE_BACKUP_DIR={folder}/backups\n")
        for words in (["init"], ["init"], ["migrate"]):
            subprocess.run([BIN / "dum-admin", "--config", config, *words],
                           check=True, stdout=subprocess.DEVNULL,
                           env=clean_environment(**self.watch.env))
        self.assert_checkpoints(self.assert_guarded("dum-admin"), "dum-admin")

    def test_every_connection_of_the_workers(self):
        service = Service("--workers", "2", env=self.watch.env).start()
        self.addCleanup(service.stop)
        request = service.client().request
        place = request("POST", "/api/data/locations", {"name": "x"}).json()
        today = today_of(service).isoformat()
        day = {"date": today, "location_id": place["id"]}
        # Changes until the log is long enough for a checkpoint, twice.
        for i in range(600):
            answer = request("POST", "/api/data/daily-usage",
                             {**day, "usage_gb": i})
            self.assertIn(answer.status, (200, 201), answer)
        record = f"/api/data/daily-usage/{answer.json()['id']}"
        for method, path, body, status in (
                ("GET", "/health", None, 200),
                ("GET", "/api/data/locations", None, 200),
                ("PATCH", f"/api/data/locations/{place['id']}",
                 {"display_name": "y"}, 200),
                ("PATCH", "/api/data/locations/99", {"name": "y"}, 404),
                ("GET", "/api/data/daily-usage", None, 200),
                ("GET", "/api/data/daily-usage?page=1", None, 200),
                ("GET", record, None, 200),
                ("PUT", record, {"usage_gb": 3}, 200),
                ("POST", "/api/data/daily-usage", {**day, "usage_gb": -1}, 400),
                ("GET", "/api/dashboard/overview", None, 200),
                ("GET", "/api/dashboard/usage-trends", None, 200),
                ("GET", "/api/dashboard/usage-trends?format=columns", None,
                 200),
                ("DELETE", record, None, 204)):
            answer = request(method, path, body)
            self.assertEqual(answer.status, status, (method, path, answer))
        self.assertEqual(service.stop(), 0)
        lines = self.assert_guarded("dum-api", "dum-admin")
        self.assert_checkpoints(lines, "dum-api")
        # The handle that checkpoints is not the one that holds the lock.
        api = [line for line in lines if line.program == "dum-api"]
        opened = {(line.pid, line.handle) for line in api
                  if line.event == "open"}
        self.assertGreater(len(opened), len({pid for pid, _ in opened}))
        # Each handle was closed in order when the worker was asked to go.
        closed = {(line.pid, line.handle) for line in api
                  if line.event == "close"}
        self.assertEqual(opened, closed)

    def assert_checkpoints(self, lines, program):
        self.assertTrue([line for line in lines if line.program == program
                         and line.event == "checkpoint"])

    @staticmethod
    def commands(service):
        """The commands that dum-admin knows, by its own help."""
        text = service.tool("dum-admin", "--help").stdout
        text = text.split("Commands:\n")[1].split("\n\n")[0]
        found = [tuple(word for word in match if word) for match in
                 re.findall(r"^  ([a-z-]+)(?: ([a-z][a-z-]*))?", text, re.M)]
        # The order of the help, but what reads comes after what makes.
        return sorted(found, key=lambda c: list(ADMIN_WORDS).index(c)
                      if c in ADMIN_WORDS else len(ADMIN_WORDS))

    @staticmethod
    def large():
        head = ",".join(f"L{i}" for i in range(50))
        rows = "".join(
            f"{2000 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"
            + ",7" * 50 + "\n" for i in range(1000))
        return f"Date,{head}\n{rows}"


class Log(unittest.TestCase):
    """The write-ahead log under load."""

    WRITES = 3000
    WRITERS = 4

    def setUp(self):
        self.service = Service("--workers", "4").start()
        self.addCleanup(self.service.stop)

    def write(self, location):
        client = self.service.client()
        for i in range(self.WRITES // self.WRITERS):
            answer = client.request("POST", "/api/data/daily-usage", {
                "date": f"{2000 + i // 336}-{i // 28 % 12 + 1:02}"
                        f"-{i % 28 + 1:02}",
                "location_id": location, "usage_gb": i})
            if answer.status != 201:
                raise AssertionError(answer)
        client.close()

    def read(self, stop):
        client = self.service.client()
        while not stop.is_set():
            client.request("GET", "/api/data/daily-usage")
            client.request("GET", "/api/dashboard/usage-trends?days=3660")
        client.close()

    def test_the_log_does_not_grow_with_the_changes(self):
        places = [self.service.request("POST", "/api/data/locations",
                                       {"name": f"p{i}"}).json()["id"]
                  for i in range(self.WRITERS)]
        stop = threading.Event()
        readers = [threading.Thread(target=self.read, args=(stop,))
                   for _ in range(2)]
        writers = [threading.Thread(target=self.write, args=(place,))
                   for place in places]
        for thread in readers + writers:
            thread.start()
        wal = pathlib.Path(f"{self.service.database}-wal")
        sizes = []
        while any(w.is_alive() for w in writers):
            sizes.append(wal.stat().st_size)
            time.sleep(0.02)
        stop.set()
        for thread in readers + writers:
            thread.join()
        self.assertEqual(self.service.query(
            "SELECT count(*) FROM daily_usage"), [(self.WRITES,)])
        # Each change writes about eight pages of 4 KiB and their frame heads.
        written = self.WRITES * 8 * 4120
        print(f"# {written >> 20} MB written to the log,"
              f" {max(sizes) >> 20} MB at its longest,"
              f" {sizes[-1] >> 20} MB at the end")
        self.assertLess(max(sizes), written / 3)
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])


if __name__ == "__main__":
    unittest.main(verbosity=1)

"""Backups over the API: the whole way through nginx, a worker and dum-backup,
while people read and write, and when something dies."""

import contextlib
import fcntl
import gzip
import json
import os
import pathlib
import random
import signal
import sqlite3
import threading
import time
import unittest

from service import BIN, PATIENCE_S, Service, command_of, wait_for

MAKE = "/api/system/backup"
LIST = "/api/system/backups"
INFO = "/api/system/database-info"
DAYS = "/api/data/daily-usage"

# dum-backup, which first stands still for as long as a file is there.
TOOL = """#!/bin/sh
while [ -e '{wait}' ]; do sleep 0.02; done
exec '{bin}/dum-backup' "$@"
"""


class BackupApi(unittest.TestCase):
    workers = 2
    settings = {}

    def setUp(self):
        self.service = Service("--workers", str(self.workers))
        self.addCleanup(self.service.stop)
        self.tools = self.service.folder / "tools"
        self.hold = self.service.folder / "hold"
        self.tools.mkdir()
        (self.tools / "dum-import").symlink_to(BIN / "dum-import")
        program = self.tools / "dum-backup"
        program.write_text(TOOL.format(wait=self.hold, bin=BIN))
        program.chmod(0o755)
        # A worker answers few requests: the polls alone replace it often.
        self.service.settings.update({
            "WORKER_MAX_REQUESTS": 20, "TOOLS_DIR": self.tools, **self.settings})
        self.service.start()
        self.backups = self.service.state / "backups"

    def ask(self, method, path, body=None, status=200, **how):
        answer = self.service.request(method, path, body, **how)
        self.assertEqual(answer.status, status, (method, path, answer))
        return answer

    def make(self, **body):
        """A backup; its name."""
        return self.ask("POST", MAKE, body or None, 201).json()["backup_file"]

    def listed(self):
        return {b["file"]: b for b in self.ask("GET", LIST).json()}

    def fill(self, days=40, places=("a", "b", "c")):
        for name in places:
            number = self.ask("POST", "/api/data/locations", {"name": name},
                              201).json()["id"]
            self.ask("POST", DAYS, [
                {"date": "2025-%02d-%02d" % (1 + d // 28, 1 + d % 28),
                 "location_id": number, "usage_gb": d} for d in range(days)])

    def finished(self, job):
        """The job when it is over, and how far it had come before."""
        seen = []
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            now = self.ask("GET", job).json()
            seen.append(now["progress"])
            if now["state"] in ("done", "failed"):
                self.assertEqual(seen[:-1], sorted(seen[:-1]))
                return now, seen
            time.sleep(0.02)
        raise AssertionError(f"{job} does not end: {now}")

    def start(self, path, body=None):
        answer = self.ask("POST", path, body, 202)
        self.assertEqual(answer.headers["Location"],
                         "/api/jobs/%d" % answer.json()["id"])
        return answer.headers["Location"]

    def verify(self, name, **body):
        return self.finished(self.start(f"{LIST}/{name}/verify", body or None))[0]

    def restore(self, name):
        return self.start(f"{LIST}/{name}/restore", {"confirm": name})

    def process_of(self, job):
        wanted = [b"--config", str(self.service.config).encode(), b"--job",
                  job.rsplit("/", 1)[1].encode()]
        for name in os.listdir("/proc"):
            if name.isdigit() and command_of(name).split(b"\0")[1:5] == wanted:
                return int(name)
        return None


class Backups(BackupApi):
    def test_one_is_made_listed_fetched_and_verified(self):
        self.fill()
        before = self.service.data()
        said = self.ask("POST", MAKE, None, 201).json()
        name = said["backup_file"]
        path = self.backups / name
        self.assertEqual(said, {
            "message": "Backup created successfully", "backup_file": name,
            "backup_size_mb": path.stat().st_size / 1e6,
            "timestamp": name[len("data_usage_backup_"):][:15]})
        self.assertEqual(json.loads(
            self.service.tool("dum-backup", "list", "--json").stdout),
            self.ask("GET", LIST).json())
        self.assertEqual(self.listed()[name]["state"], "proven")

        head = self.ask("HEAD", f"{LIST}/{name}")
        whole = self.ask("GET", f"{LIST}/{name}")
        self.assertEqual(whole.body, path.read_bytes())
        self.assertEqual(head.headers["Content-Length"], str(len(whole.body)))
        self.assertEqual(whole.headers["Content-Disposition"],
                         f'attachment; filename="{name}"')
        self.assertIsNone(whole.headers["Content-Encoding"])
        copy = self.service.folder / "copy.db"
        copy.write_bytes(gzip.decompress(whole.body))
        with contextlib.closing(sqlite3.connect(copy)) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(),
                             [("ok",)])
            for table, rows in before.items():
                self.assertEqual(db.execute(
                    f"SELECT * FROM {table} ORDER BY id").fetchall(), rows)
        left = self.service.query(
            "SELECT actor, source, pk, after FROM journal WHERE tbl = 'event'"
            " AND op = 'download'")
        self.assertEqual(len(left), 1)
        self.assertTrue(left[0][0].startswith("key:"))
        self.assertEqual(left[0][1:3], ("api", name))
        self.assertEqual(json.loads(left[0][3]), {"bytes": len(whole.body)})

        job = self.verify(name, level=3)
        self.assertEqual((job["state"], job["progress"]), ("done", 1), job)
        self.assertEqual(job["result"]["proven"], True)
        self.assertEqual(self.listed()[name]["verify_level"], 3)
        self.service.tool("dum-admin", "audit", "verify")

    def test_one_that_takes_longer_is_a_job_and_holds_nobody_up(self):
        self.fill(days=2)
        self.hold.touch()
        answers = []
        asking = threading.Thread(target=lambda: answers.append(
            self.service.request("POST", MAKE, {"name": "held-up"})))
        asking.start()
        self.assertTrue(wait_for(lambda: self.service.query(
            "SELECT 1 FROM jobs WHERE state = 'queued'")))
        # The database is nobody's meanwhile.
        self.ask("POST", DAYS, {"date": "2025-03-01", "location_id": 1,
                                "usage_gb": 1}, 201)
        asking.join()
        self.assertEqual(answers[0].status, 202, answers[0])
        self.hold.unlink()
        job, _ = self.finished(answers[0].headers["Location"])
        self.assertEqual(job["state"], "done", job)
        name = job["result"]["file"]
        self.assertTrue(name.endswith("_held-up.db.gz"), name)
        self.assertEqual(job["result"]["bytes"],
                         (self.backups / name).stat().st_size)
        self.assertEqual(job["result"]["proven"], True)

    def test_who_is_at_work_is_said_and_who_is_brief_is_waited_for(self):
        self.make()
        with open(self.backups / "backup.lock", "r+b", buffering=0) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(b"dum-verify (process %d)" % os.getpid())
            answer = self.ask("POST", MAKE, None, 503)
            self.assertGreater(int(answer.headers["Retry-After"]), 1)
            self.assertIn("dum-verify (process", answer.json()["detail"])
            job = self.verify(next(iter(self.listed())))
            self.assertEqual((job["state"], job["result"]),
                             ("failed", {"reason": "busy"}))
            self.assertIn("dum-verify (process", job["message"])
            threading.Timer(0.4, fcntl.flock, (lock, fcntl.LOCK_UN)).start()
            self.make()
        self.assertEqual(len(self.listed()), 2)

    def test_any_but_the_newest_proven_one_can_be_removed(self):
        names = [self.make(name=f"number-{n}") for n in "abc"]
        said = self.ask("DELETE", f"{LIST}/{names[2]}", status=409).json()
        self.assertIn("newest", said["detail"])
        self.ask("DELETE", f"{LIST}/{names[1]}", status=204)
        self.ask("DELETE", f"{LIST}/{names[1]}", status=404)
        self.assertEqual({n for n in os.listdir(self.backups) if names[1] in n},
                         set())
        # The chain is whole, for the tool as for the API.
        self.assertEqual([b["note"] for b in self.listed().values()], [None] * 2)
        self.assertEqual(self.service.query(
            "SELECT op, pk FROM journal WHERE tbl = 'event'"
            " AND op LIKE 'backup%'"), [("backup_deleted", names[1])])

    def test_a_key_may_what_its_scope_and_its_locations_allow(self):
        self.fill(days=1)
        name = self.make()

        def key(*more):
            return self.service.tool("dum-admin", "key", "add", "k", "--scope",
                                     "backup", *more).stdout.strip()
        limited, whole = key("--location", "a"), key()
        for method, path in (("GET", LIST), ("GET", f"{LIST}/{name}"),
                             ("POST", MAKE), ("GET", INFO),
                             ("POST", f"{LIST}/{name}/verify")):
            self.ask(method, path, status=403, key=limited)
        self.ask("GET", f"{LIST}/{name}", key=whole)
        self.ask("POST", MAKE, status=201, key=whole)
        self.ask("DELETE", f"{LIST}/{name}", status=403, key=whole)
        self.ask("POST", f"{LIST}/{name}/restore", {"confirm": name}, 403,
                 key=whole)
        # What it has started it may follow.
        job = self.ask("POST", f"{LIST}/{name}/verify", status=202, key=whole)
        self.ask("GET", job.headers["Location"], key=whole)
        self.ask("GET", job.headers["Location"], key=limited, status=404)
        self.finished(job.headers["Location"])

    def test_the_figures_are_those_of_the_database(self):
        self.fill()
        info = self.ask("GET", INFO).json()
        self.assertIsNone(info["last_verification"])
        self.assertIsNone(info["last_backup"])
        name = self.make()
        self.service.tool("dum-verify", status=None)
        info = self.ask("GET", INFO).json()
        for table, rows in info["table_counts"].items():
            self.assertEqual([(rows,)], self.service.query(
                f"SELECT count(*) FROM {table}"), table)
        size, = self.service.query(
            "SELECT page_size * page_count FROM pragma_page_size, pragma_page_count")
        self.assertEqual((info["size_bytes"],), size)
        self.assertEqual(info["wal_bytes"], os.stat(
            f"{self.service.database}-wal").st_size)
        self.assertEqual(info["last_proven_backup"], self.listed()[name])
        line = (self.backups / "verification.log").read_text().splitlines()[-1]
        self.assertEqual(info["last_verification"], json.loads(line))

    # --- what is wrong with a backup ------------------------------------------

    def test_a_damaged_one_is_found_and_not_restored(self):
        self.fill()
        name = self.make()
        self.make()
        path = self.backups / name
        stored = bytearray(path.read_bytes())
        stored[5000] ^= 1
        path.write_bytes(stored)
        before = self.service.data()
        job = self.verify(name)
        self.assertEqual((job["state"], job["result"]),
                         ("failed", {"reason": "damaged"}))
        self.assertIn(name, job["message"])
        self.assertEqual(self.listed()[name]["state"], "damaged")
        job, _ = self.finished(self.restore(name))
        self.assertEqual((job["state"], job["result"]),
                         ("failed", {"reason": "damaged"}))
        path.write_bytes(stored[:6000])
        job = self.verify(name, level=0)
        self.assertEqual(job["result"], {"reason": "truncated"})
        self.assertEqual(self.service.data(), before)
        # It can be fetched as it is, and go.
        self.assertEqual(len(self.ask("GET", f"{LIST}/{name}").body), 6000)
        self.ask("DELETE", f"{LIST}/{name}", status=204)

    def test_an_encrypted_one_needs_the_key_of_the_settings(self):
        self.fill()
        key = self.service.folder / "backup.key"
        key.write_text("00112233445566778899aabbccddeeff" * 2)
        key.chmod(0o600)
        name = json.loads(self.service.tool(
            "dum-backup", "create", "--json", "--key-file", key).stdout)["file"]
        self.assertEqual(self.listed()[name]["encrypted"], True)
        job = self.verify(name)
        self.assertEqual((job["state"], job["result"]),
                         ("failed", {"reason": "wrong_key"}))
        self.assertEqual(self.listed()[name]["state"], "proven")
        with open(self.service.config, "a", encoding="utf-8") as f:
            f.write(f"BACKUP_KEY_FILE={key}\n")
        self.assertEqual(self.verify(name)["state"], "done")
        self.assertTrue(self.make().endswith(".enc"))

    def test_a_job_is_not_done_without_a_request(self):
        for number in ("1", "4711"):
            done = self.service.tool("dum-backup", "--job", number, status=1)
            self.assertIn("dum-api", done.stderr)
        self.service.tool("dum-backup", "--job", "0", status=2)
        self.service.tool("dum-backup", "list", "--job", "1", status=2)

    def test_a_backup_whose_program_is_killed_has_failed(self):
        self.fill()
        self.hold.touch()
        job = self.ask("POST", MAKE, None, 202).headers["Location"]
        # The script, which is the program's own process later.
        os.kill(next(int(n) for n in os.listdir("/proc") if n.isdigit() and
                     str(self.tools).encode() in command_of(n)), signal.SIGKILL)
        said, _ = self.finished(job)
        self.assertEqual(said["state"], "failed")
        self.assertIn("ended before", said["message"])
        self.hold.unlink()
        self.make()
        self.assertEqual([n for n in os.listdir(self.backups) if "partial" in n],
                         [])


class Restores(BackupApi):
    settings = {"SQLITE_BUSY_TIMEOUT": 2000}

    def test_people_read_on_while_the_data_is_brought_back(self):
        self.fill(days=300)
        name = self.make()
        wanted = self.service.data()
        first = wanted["daily_usage"][0][0]
        self.ask("DELETE", f"{DAYS}/{first}", status=204)
        self.ask("POST", "/api/data/locations", {"name": "later"}, 201)
        over = threading.Event()
        read, written = [], []

        def go_on(answers, *request):
            client = self.service.client()
            while not over.is_set():
                answers.append(client.request(*request).status)
            client.close()
        people = [threading.Thread(target=go_on, args=args) for args in (
            (read, "GET", f"{DAYS}?location_id=2"),
            (read, "GET", "/api/dashboard/overview"),
            (written, "POST", DAYS, {"date": "2025-01-02", "location_id": 1,
                                     "usage_gb": 77}))]
        for thread in people:
            thread.start()
        job, seen = self.finished(self.restore(name))
        over.set()
        for thread in people:
            thread.join()
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(set(read), {200})
        self.assertLessEqual(set(written), {200, 201, 503})
        self.assertIn(200, written)
        # Who wrote before is undone, who wrote after stands.
        found = self.service.data()
        for rows in (found, wanted):
            rows["daily_usage"] = [r for r in rows["daily_usage"]
                                   if "2025-01-02" not in r]
        self.assertEqual(found, wanted)
        result = job["result"]
        self.assertEqual((result["file"], result["whole"]), (name, False))
        self.assertEqual(result["tables"]["locations"],
                         {"rows": 3, "removed": 1, "added": 0})
        self.assertGreaterEqual(result["tables"]["daily_usage"]["added"], 1)
        self.assertIn(result["safety_backup"], self.listed())
        # The fresh backup comes after the end of the change.
        place = "/api/jobs/%d" % job["id"]
        self.assertTrue(wait_for(
            lambda: self.ask("GET", place).json()["result"]["fresh_backup"]))
        fresh = self.ask("GET", place).json()
        self.assertIsNone(fresh["message"])
        self.assertEqual(self.listed()[fresh["result"]["fresh_backup"]]["state"],
                         "proven")
        actor, source, asked, after = self.service.query(
            "SELECT actor, source, request_id, after FROM journal"
            " WHERE op = 'restore'")[0]
        self.assertTrue(actor.startswith("key:"), actor)
        self.assertEqual((source, json.loads(after)["backup"]),
                         ("dum-backup", name))
        self.assertTrue(asked)
        self.service.tool("dum-admin", "audit", "verify")
        print(f"# {len(read)} reads, {written.count(503)} of {len(written)}"
              f" writes sent away, progress {seen}")

    def test_one_is_done_if_and_only_if_the_data_is_back(self):
        self.fill(days=200)
        name = self.make()
        wanted = self.service.data()
        rng = random.Random(20261124)
        states = set()
        longest = 0.3
        for turn in range(10):
            self.ask("PUT", f"{DAYS}/7", {"usage_gb": 500 + turn})
            began = time.monotonic()
            job = self.restore(name)
            time.sleep(rng.uniform(0, longest))
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process_of(job) or 2**22 + 1, signal.SIGKILL)
            self.finished(job)
            # In one look: what a killed program has written of a commit, and
            # nobody knows of, is found by whoever opens the database next.
            state, changed = self.service.query(
                "SELECT state, (SELECT usage_bytes FROM daily_usage"
                " WHERE id = 7) FROM jobs WHERE id = ?", job.rsplit("/", 1)[1])[0]
            states.add(state == "done")
            if state != "done":
                self.assertEqual(changed, (500 + turn) * 10**9)
                longest = min(2 * longest, 5)
                continue
            self.assertEqual(self.service.data(), wanted)
            longest = min(longest, time.monotonic() - began)
            self.assertTrue(wait_for(lambda: self.process_of(job) is None))
        self.assertEqual(states, {True, False})
        self.assertEqual(self.finished(self.restore(name))[0]["state"], "done")
        self.assertEqual(self.service.data(), wanted)
        self.service.tool("dum-admin", "audit", "verify")

    def test_it_goes_on_when_all_workers_are_replaced(self):
        self.fill()
        name = self.make()
        wanted = self.service.data()
        self.ask("PUT", f"{DAYS}/7", {"usage_gb": 500})
        self.hold.touch()
        job = self.restore(name)
        old = self.service.workers()
        for worker in old:
            os.kill(worker, signal.SIGKILL)
        self.assertTrue(wait_for(
            lambda: not set(old) & set(self.service.workers())))
        self.assertEqual(self.ask("GET", job).json()["state"], "queued")
        self.hold.unlink()
        self.assertEqual(self.finished(job)[0]["state"], "done")
        self.assertEqual(self.service.data(), wanted)


class Downloads(BackupApi):
    workers = 1

    def test_slow_clients_hold_no_worker_and_nothing_is_put_down(self):
        size = 96 * 2**20
        name = "data_usage_backup_20260101_000000.db"
        self.backups.mkdir(mode=0o700, exist_ok=True)
        with open(self.backups / name, "wb") as f:
            f.truncate(size)
        connections, slow = [], []
        for _ in range(4):
            connection = self.service.connect()
            self.addCleanup(connection.close)
            connections.append(connection)
            connection.request("GET", f"{LIST}/{name}", headers={
                "Authorization": f"Bearer {self.service.key}"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Content-Length"], str(size))
            self.assertEqual(len(answer.read(1000)), 1000)
            slow.append(answer)
        # One worker, four who have not taken theirs, and one too many.
        for _ in range(5):
            self.ask("GET", "/api/data/locations")
        self.ask("GET", f"{LIST}/{name}", status=429)
        self.ask("POST", "/api/data/locations", {"name": "meanwhile"}, 201)
        put_down = sum(p.stat().st_blocks * 512
                       for p in self.service.state.rglob("*") if p.is_file()
                       and p.parent != self.backups)
        self.assertLess(put_down, size / 4)
        senders = set(self.service.workers())
        # A sender has its connection, its file, and two to complain on.
        files = sorted(len(os.listdir(f"/proc/{pid}/fd")) for pid in senders)
        self.assertEqual(files[:4], [4] * 4)
        memory = [int(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                      .split("Private_Dirty:")[1].split()[0])
                  for pid in senders]
        print(f"# {len(senders)} processes, {memory} KiB of their own,"
              f" {put_down} bytes beside the backups")
        # One is taken to its end, the others go away.
        rest = 0
        while chunk := slow[0].read(2**20):
            rest += len(chunk)
        self.assertEqual(rest, size - 1000)
        for connection in connections:
            connection.close()
        self.assertTrue(wait_for(lambda: len(self.service.workers()) == 1))
        self.assertEqual(len(self.ask("GET", f"{LIST}/{name}").body), size)

    def test_a_download_survives_its_worker(self):
        size = 32 * 2**20
        name = "data_usage_backup_20260101_000000.db"
        self.backups.mkdir(mode=0o700, exist_ok=True)
        with open(self.backups / name, "wb") as f:
            f.truncate(size)
        old = set(self.service.workers())
        connection = self.service.connect()
        self.addCleanup(connection.close)
        connection.request("GET", f"{LIST}/{name}", headers={
            "Authorization": f"Bearer {self.service.key}"})
        answer = connection.getresponse()
        self.assertEqual(len(answer.read(1000)), 1000)
        for worker in old:
            os.kill(worker, signal.SIGTERM)
        self.assertTrue(wait_for(lambda: not old & set(self.service.workers())))
        self.assertEqual(len(answer.read()), size - 1000)


if __name__ == "__main__":
    unittest.main(verbosity=1)

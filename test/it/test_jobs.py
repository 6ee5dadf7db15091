"""Imports that are too large for a request: the whole way through nginx, a
worker and dum-import, while workers come and go and when something dies."""

import contextlib
import datetime
import json
import os
import pathlib
import random
import signal
import time
import unittest

from service import PATIENCE_S, Service, command_of, wait_for

CSV = {"Content-Type": "text/csv"}
START = datetime.date(2005, 1, 1)


def table(days, locations, amount=lambda d, c: (d * 31 + c * 7) % 1000):
    """A wide table, and what it adds up to in bytes by location."""
    lines = ["Date," + ",".join("site %d" % c for c in range(locations))]
    sums = [0] * locations
    for d in range(days):
        values = [amount(d, c) for c in range(locations)]
        sums = [s + v * 10**8 for s, v in zip(sums, values)]
        lines.append("%s,%s" % (START + datetime.timedelta(d),
                                ",".join("%d.%d" % divmod(v, 10) for v in values)))
    return "\n".join(lines).encode() + b"\n", {
        "site %d" % c: s for c, s in enumerate(sums)}


def pss_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("Pss:")[1].split()[0])


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # A worker answers few requests: the polls alone replace it often.
        cls.service = Service("--workers", "2",
                              settings={"WORKER_MAX_REQUESTS": 5}).start()
        cls.addClassCleanup(cls.service.stop)

    def ask(self, method, path, body=None, headers=None, status=200):
        answer = self.service.request(method, path, body, headers)
        self.assertEqual(answer.status, status, (method, path, answer))
        return answer

    def start(self, data, query="", headers=None):
        answer = self.ask("POST", "/api/imports" + query, data,
                          {**CSV, **(headers or {})}, status=202)
        job = answer.json()
        self.assertEqual(answer.headers["Location"], "/api/jobs/%d" % job["id"])
        self.assertEqual((job["kind"], job["state"], job["progress"]),
                         ("import", "queued", 0))
        return job["id"]

    def job(self, number):
        return self.ask("GET", "/api/jobs/%d" % number).json()

    def finished(self, number):
        """The job when it is over, and all that was seen of it before."""
        seen = []
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            job = self.job(number)
            seen.append(job)
            if job["state"] in ("done", "failed"):
                return job, seen
            time.sleep(0.02)
        raise AssertionError(f"job {number} does not end: {seen[-1]}")

    def process_of(self, number):
        """The process id of a job; None when there is none."""
        wanted = [b"--config", str(self.service.config).encode(), b"--job",
                  b"%d" % number]
        for name in os.listdir("/proc"):
            if name.isdigit() and command_of(name).split(b"\0")[1:5] == wanted:
                return int(name)
        return None

    def sums(self):
        return dict(self.service.query(
            "SELECT name, sum(usage_bytes) FROM daily_usage u"
            " JOIN locations l ON l.id = u.location_id"
            " WHERE name LIKE 'site %' GROUP BY name"))

    def stopped(self, number):
        """The process id of a job that stands still, wherever it is."""
        self.assertTrue(wait_for(lambda: self.process_of(number), pause=0.001))
        pid = self.process_of(number)
        os.kill(pid, signal.SIGSTOP)
        return pid

    def stopped_aside(self, number):
        """The same of one that stands in nobody's way: not just within the
        commit that says that it runs, where a read waits for it in vain."""
        for _ in range(20):
            pid = self.stopped(number)
            answer = self.service.request("GET", "/api/jobs/%d" % number)
            if answer.status == 200:
                self.assertIn(answer.json()["state"], ("queued", "running"))
                return pid
            self.assertEqual(answer.status, 503, answer)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError(f"job {number} always stands in the way")

    # --- what a job does ---------------------------------------------------

    def test_a_large_import_and_its_undo_are_jobs(self):
        data, sums = table(1200, 100)
        self.assertGreater(len(data), 400000)
        before = self.service.data()
        number = self.start(data, "?filename=large.csv",
                            {"Idempotency-Key": "one"})
        again = self.ask("POST", "/api/imports?filename=large.csv", data,
                         {**CSV, "Idempotency-Key": "one"}, status=202)
        self.assertEqual(again.headers["Location"], "/api/jobs/%d" % number)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        job, seen = self.finished(number)
        self.assertEqual((job["state"], job["progress"], job["message"]),
                         ("done", 1, None), job)
        result = job["result"]
        self.assertEqual((result["new"], result["cells"], result["dry_run"]),
                         (120000, 120000, False))
        self.assertLessEqual([j["progress"] for j in seen],
                             sorted(j["progress"] for j in seen))
        self.assertTrue(any(0 < j["progress"] < 1 for j in seen))
        self.assertLessEqual(job["started_at"], job["finished_at"])
        self.assertEqual(self.sums(), sums)
        listed = self.ask("GET", "/api/imports?limit=1").json()["data"][0]
        self.assertEqual((listed["id"], listed["file_name"], listed["new"]),
                         (result["import_id"], "large.csv", 120000))
        self.assertEqual(len(self.service.query("SELECT 1 FROM jobs")), number)
        # Who asked stands in the journal, and the program that did it.
        actor, source, asked = self.service.query(
            "SELECT actor, source, request_id FROM journal"
            " WHERE tbl = 'imports' ORDER BY id DESC LIMIT 1")[0]
        self.assertTrue(actor.startswith("key:"), actor)
        self.assertEqual(source, "dum-import")
        self.assertTrue(asked)

        undo = self.ask("POST", "/api/imports/%d/undo" % result["import_id"],
                        status=202).json()
        self.assertEqual(undo["kind"], "import_undo")
        job, _ = self.finished(undo["id"])
        self.assertEqual(job["state"], "done", job)
        self.assertEqual((job["result"]["removed"], job["result"]["restored"]),
                         (120000, 0))
        after = self.service.data()
        self.assertEqual({**after, "imports": None}, {**before, "imports": None})
        self.ask("POST", "/api/imports/%d/undo" % result["import_id"], status=409)
        self.service.tool("dum-admin", "audit", "verify")

    def test_a_dry_run_of_a_large_table_changes_nothing(self):
        data, _ = table(800, 40, lambda d, c: 5)
        before = self.service.data()
        job, _ = self.finished(self.start(data, "?dry_run=true"))
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(job["result"]["new"], 32000)
        self.assertEqual(len(job["result"]["changes"]), 1000)
        self.assertEqual(job["result"]["changes"][0],
                         {"date": str(START), "location": "site 0",
                          "before_gb": None, "after_gb": 0.5})
        self.assertEqual(self.service.data(), before)

    def test_a_large_table_with_an_error_says_where(self):
        data, _ = table(4500, 100)
        self.assertGreater(len(data), 2**20)
        before = self.service.data()
        job, _ = self.finished(self.start(data + b"2026-01-01,-1\n"))
        self.assertEqual(job["state"], "failed")
        self.assertTrue(job["message"])
        self.assertIsNone(job["result"]["import_id"])
        self.assertGreater(job["result"]["errors_total"], 0)
        self.assertEqual(job["result"]["errors"][0]["line"], 4502)
        self.assertEqual(self.service.data(), before)

    # --- what others do meanwhile --------------------------------------------

    def test_it_goes_on_when_all_workers_are_replaced(self):
        data, sums = table(2000, 100)
        number = self.start(data, headers={"Idempotency-Key": "again"})
        pid = self.stopped_aside(number)
        old = self.service.workers()
        for worker in old:
            os.kill(worker, signal.SIGTERM)
        self.assertTrue(wait_for(
            lambda: not set(old) & set(self.service.workers())
            and len(self.service.workers()) == 2))
        for worker in self.service.workers():
            os.kill(worker, signal.SIGKILL)
        self.assertEqual(self.process_of(number), pid)
        self.assertIn(self.job(number)["state"], ("queued", "running"))
        # A repeat is answered, though the job holds the database.
        again = self.ask("POST", "/api/imports", data,
                         {**CSV, "Idempotency-Key": "again"}, status=202)
        self.assertEqual(again.headers["Location"], "/api/jobs/%d" % number)
        os.kill(pid, signal.SIGCONT)
        job, _ = self.finished(number)
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(self.sums(), sums)
        self.assertTrue(wait_for(lambda: self.process_of(number) is None))
        self.ask("POST", "/api/imports/%d/undo" % job["result"]["import_id"],
                 status=202)
        self.assertTrue(wait_for(lambda: not self.sums()))

    def test_a_table_is_refused_with_the_reason_while_a_job_changes_much(self):
        days = "/api/data/daily-usage?page=1&per_page=1"
        data, _ = table(3000, 100)
        number = self.start(data)
        refused = plain = None
        while refused is None and self.job(number)["state"] != "done":
            seen = self.service.request("GET", days, headers={"Accept": "text/csv"})
            if seen.status == 503 and "changing much" in seen.json()["detail"]:
                refused = seen
                plain = self.service.request("GET", days)
        self.assertIsNotNone(refused, "the job was never at it")
        self.assertIn("who takes a table is written down first",
                      refused.json()["detail"])
        self.assertEqual(refused.headers["Retry-After"], "1")
        self.assertEqual(plain.status, 200, plain)
        job, _ = self.finished(number)
        self.ask("GET", days, headers={"Accept": "text/csv"})
        self.ask("POST", "/api/imports/%d/undo" % job["result"]["import_id"],
                 status=202)
        self.assertTrue(wait_for(lambda: not self.sums()))

    def test_one_that_is_killed_has_failed_and_changed_nothing(self):
        data, _ = table(3000, 100)
        before = self.service.data()
        for after_s in (0, 0.02, 0.1, 0.3):
            number = self.start(data)
            time.sleep(after_s)
            pid = self.stopped(number)
            # Where it stands still just when it has the log, a read waits for
            # that in vain.
            seen = self.service.request("GET", "/api/jobs/%d" % number)
            if seen.status != 503:
                self.assertIn(seen.json()["state"], ("queued", "running"))
            os.kill(pid, signal.SIGKILL)
            job, _ = self.finished(number)
            self.assertEqual(job["state"], "failed", job)
            self.assertIn("ended before", job["message"])
            self.assertIsNone(job["result"])
            self.assertEqual(self.service.data(), before)
        # The next one finds nothing in its way.
        small, _ = table(600, 40, lambda d, c: 0)
        job, _ = self.finished(self.start(small, "?dry_run=true"))
        self.assertEqual(job["state"], "done", job)

    def test_one_is_done_if_and_only_if_its_change_is_stored(self):
        data, sums = table(1000, 30)
        rng = random.Random(20261124)
        states = set()
        longest = 0.2
        numbers = []
        for _ in range(12):
            began = time.monotonic()
            numbers.append(self.start(data))
            time.sleep(rng.uniform(0, longest))
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process_of(numbers[-1]) or 2**22 + 1, signal.SIGKILL)
            self.finished(numbers[-1])
            done, total = self.outcome(numbers)
            states.add(bool(done))
            self.assertEqual(total, sum(sums.values()) if done else None)
            if not done:
                longest = min(2 * longest, 10)
                continue
            self.assertEqual(self.sums(), sums)
            longest = min(longest, time.monotonic() - began)
            for number in reversed(done):
                self.assertTrue(wait_for(lambda n=number: self.process_of(n) is None))
                job, _ = self.finished(number)
                self.service.tool("dum-import", "--undo",
                                  str(job["result"]["import_id"]))
            numbers.clear()
        self.assertEqual(states, {True, False})
        self.service.tool("dum-admin", "audit", "verify")

    def outcome(self, numbers):
        """Which of the jobs are done, and what is stored, in one look. Of all
        jobs, not of the last: the commit of a killed one that nobody knows of
        comes to light when the log is read anew, which the next one may do."""
        rows = self.service.query(
            "SELECT id, state, (SELECT sum(usage_bytes) FROM daily_usage u"
            " JOIN locations l ON l.id = u.location_id"
            " WHERE name LIKE 'site %') FROM jobs WHERE id >= ? ORDER BY id",
            numbers[0])
        self.assertEqual([row[0] for row in rows], numbers)
        return [row[0] for row in rows if row[1] == "done"], rows[0][2]

    def test_a_job_is_not_done_twice_nor_without_a_request(self):
        data, _ = table(600, 40, lambda d, c: 0)
        number = self.start(data, "?dry_run=true")
        job, _ = self.finished(number)
        self.assertEqual(job["state"], "done", job)
        for wrong in (number, number + 1000):
            done = self.service.tool("dum-import", "--job", str(wrong),
                                     status=1, data="Date,x\n2005-01-01,1\n")
            self.assertIn("dum-api", done.stderr)
        self.assertEqual(self.job(number), job)

    # --- large and broken bodies ----------------------------------------------

    def test_the_limit_is_64_mib_here_and_nowhere_else(self):
        client = self.service.client()
        self.addCleanup(client.close)
        just = b"Date,x\nno day,1\n" + b"#" * (64 * 2**20 - 16)
        self.assertEqual(len(just), 64 * 2**20)
        job, _ = self.finished(self.start(just))
        self.assertEqual(job["state"], "failed", job)
        self.assertGreater(job["result"]["errors_total"], 0)
        for path, length in (("/api/imports", 64 * 2**20 + 1),
                             ("/api/data/daily-usage", 2**20 + 1),
                             ("/api/imports/1/undo", 2**16 + 1),
                             ("/api/data/locations", 2**16 + 1)):
            connection = self.service.connect()
            connection.putrequest("POST", path)
            connection.putheader("Authorization", f"Bearer {self.service.key}")
            connection.putheader("Content-Type", "text/csv")
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            answer = connection.getresponse()
            self.assertEqual(answer.status, 413, path)
            self.assertEqual(answer.headers["Content-Type"],
                             "application/problem+json")
            connection.close()

    def test_a_body_that_breaks_off_leaves_nothing(self):
        before = self.service.data()
        jobs = self.service.query("SELECT count(*) FROM jobs")
        for sent in (10, 3 * 2**20):
            connection = self.service.connect()
            connection.putrequest("POST", "/api/imports")
            connection.putheader("Authorization", f"Bearer {self.service.key}")
            connection.putheader("Content-Type", "text/csv")
            connection.putheader("Content-Length", str(4 * 2**20))
            connection.endheaders()
            connection.send(b"Date,x\n" + b"1" * (sent - 7))
            connection.close()
        self.ask("GET", "/api/imports")
        self.assertEqual(self.service.data(), before)
        self.assertEqual(self.service.query("SELECT count(*) FROM jobs"), jobs)
        left = [p for p in self.service.state.iterdir()
                if p.name.startswith("nameless")]
        self.assertEqual(left, [])

    def test_many_days_at_once_pass_nginx(self):
        name = self.ask("POST", "/api/data/locations", {"name": "many"},
                        status=201).json()["id"]
        days = [{"date": str(START + datetime.timedelta(d)), "location_id": name,
                 "usage_gb": d} for d in range(2000)]
        self.assertGreater(len(json.dumps(days)), 64 * 1024)
        said = self.ask("POST", "/api/data/daily-usage", days).json()
        self.assertEqual(said, {"created": 2000, "updated": 0, "unchanged": 0})
        said = self.ask("POST", "/api/data/daily-usage", days).json()
        self.assertEqual(said, {"created": 0, "updated": 0, "unchanged": 2000})


class WorkerMemory(unittest.TestCase):
    def test_a_worker_is_as_small_after_large_bodies(self):
        service = Service("--workers", "1",
                          settings={"WORKER_MAX_REQUESTS": 0}).start()
        self.addCleanup(service.stop)
        small, _ = table(300, 60)       # below the limits of the worker
        large, _ = table(3000, 130)
        self.assertGreater(len(large), 2**20)
        many = [{"date": str(START + datetime.timedelta(d)), "location_id": 1,
                 "usage_gb": d % 7} for d in range(2000)]
        for _ in range(3):
            self.assertEqual(service.request("POST", "/api/imports", small,
                                             CSV).status, 200)
            job = service.request("POST", "/api/imports?dry_run=true", large, CSV)
            self.assertEqual(job.status, 202, job)
            self.assertEqual(service.request("POST", "/api/data/daily-usage",
                                             many).status, 200)
            self.assertTrue(wait_for(lambda: service.get(
                job.headers["Location"])["state"] in ("done", "failed")))
        pid, = service.workers()
        used = pss_kib(pid)
        print(f"# a worker after large bodies: {used} KiB")
        self.assertLess(used, 12 * 1024)


class Stopping(unittest.TestCase):
    def test_scripts_run_takes_its_jobs_with_it(self):
        service = Service("--workers", "1").start()
        self.addCleanup(service.stop)
        case = Jobs()
        case.service = service
        data, _ = table(3000, 100)
        answer = service.request("POST", "/api/imports", data, CSV)
        self.assertEqual(answer.status, 202, answer)
        number = answer.json()["id"]
        self.assertTrue(wait_for(lambda: case.process_of(number)))
        pid = case.process_of(number)
        self.assertTrue(pid)
        self.assertEqual(service.stop(), 0)
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists()
                         and case.process_of(number) == pid)


if __name__ == "__main__":
    unittest.main()

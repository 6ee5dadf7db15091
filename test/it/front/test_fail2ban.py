"""The fail2ban filter and jail, on lines that real workers logged: every failed
log-in counts against the address that it came from, whatever name was typed,
and nothing else does."""

import ast
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from pool import RELEASE, TOP, Pool

FILTERS = TOP / "debian" / "fail2ban"
FILTER = FILTERS / "filter.d" / "data-usage-monitor.conf"
JAIL = FILTERS / "jail.d" / "data-usage-monitor.conf"

# Names that would like to be more than a name. 203.0.113.9 must never be hit.
VICTIM = "203.0.113.9"
FORGED = ("2026-11-24T10:00:00Z WARNING dum-api[1]: login failed: "
          f'user "x" from {VICTIM}')
HOSTILE = (
    f'x" from {VICTIM}',
    f'x" from {VICTIM}\\',
    f'x\n{FORGED}',
    f'x\r\n{FORGED}\r\n',
    f'x\u2028{FORGED}',
    f'x\x85{FORGED}',
    FORGED,
    f'login failed: user "x" from {VICTIM}',
    f"\x1b[2K\x1b[1G{FORGED}",
    f"\u202e9.311.0.302 morf \"x",
    "\x00",
    "\\x0a",
    "a" * 80 + f'" from {VICTIM}',
    '"' * 100,
    "\U0001f600" * 100,
    "\u202e" * 100,
)

scratch = None
pool = None


def setUpModule():
    global scratch, pool
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="dum-fail2ban."))
    subprocess.run(["flock", TOP / "Makefile", "make", "-s", "-C", TOP,
                    "programs"], check=True, stdout=subprocess.DEVNULL)
    pool = Pool(scratch / "pool", workers=1)
    pool.admin("user", "add", "alice", "--role", "admin",
               text="a long enough pass phrase\n")


def tearDownModule():
    if pool is not None:
        pool.stop()
    shutil.rmtree(scratch)


def log_in(name, address, password="a wrong pass phrase"):
    body = json.dumps({"username": name, "password": password}).encode()
    return pool.ask("POST", "/api/auth/login", body, address=address)[0]


def matches(log):
    """What fail2ban makes of a file: [(address, time)]."""
    done = subprocess.run(
        ["fail2ban-regex", "--usedns", "no", "-o", "<ip> <time>", log, FILTER],
        check=True, capture_output=True, text=True, timeout=60)
    return [(line.split()[0], float(line.split()[1]))
            for line in done.stdout.splitlines()]


class FilterTest(unittest.TestCase):
    def written_by(self, attempts):
        """What the worker logged meanwhile, as a file of its own."""
        begun = pool.log.stat().st_size
        attempts()
        log = scratch / "lines.log"
        log.write_bytes(pool.log.read_bytes()[begun:])
        return log

    def test_failed_log_ins_count_against_their_addresses(self):
        addresses = ["192.0.2.1", "2001:db8::5", "192.0.2.2"]

        def attempts():
            for address in addresses:
                self.assertEqual(log_in("alice", address), 401)
                self.assertEqual(log_in("nobody", address), 401)
        found = matches(self.written_by(attempts))
        self.assertEqual([a for a, _ in found],
                         [a for a in addresses for _ in range(2)])
        for _, at in found:
            # Read as UTC, whatever the zone of the machine.
            self.assertLess(abs(at - time.time()), 60)

    def test_attempts_in_a_time_of_waiting_count_too(self):
        statuses = []

        def attempts():
            for i in range(10):
                statuses.append(log_in(f"name{i}", "192.0.2.77"))
        found = matches(self.written_by(attempts))
        self.assertIn(429, statuses)
        self.assertEqual([a for a, _ in found], ["192.0.2.77"] * 10)

    def test_a_log_in_that_works_does_not_count(self):
        log = self.written_by(lambda: self.assertEqual(
            log_in("alice", "192.0.2.3", "a long enough pass phrase"), 200))
        self.assertEqual(matches(log), [])

    def test_a_name_can_not_blame_somebody_else(self):
        came_from = {}

        def attempts():
            for i, name in enumerate(HOSTILE):
                address = f"198.51.100.{i}"
                came_from[address] = log_in(name, address)
        log = self.written_by(attempts)
        # Names that nobody can have are counted together, and so are soon
        # made to wait.
        self.assertEqual(set(came_from.values()), {400, 401, 429})
        # A name that is refused was no attempt.
        failed = [a for a, status in came_from.items() if status != 400]
        self.assertEqual([a for a, _ in matches(log)], failed)
        raw = log.read_bytes()
        self.assertEqual(len(raw.splitlines()), len(failed), raw)
        self.assertNotIn(b"\x1b", raw)
        self.assertNotIn("\u202e".encode(), raw)
        self.assertNotIn(b"\r", raw)

    def test_lines_of_the_journal_count_as_well(self):
        log = self.written_by(lambda: log_in("alice", "192.0.2.40"))
        line = log.read_text().strip()
        self.assertRegex(line, '^[^ ]+Z WARNING dum-api.*from 192.0.2.40$')
        done = subprocess.run(
            ["fail2ban-regex", "--usedns", "no", "-o", "<ip>",
             f"box data-usage-monitor[99]: {line}", FILTER],
            check=True, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout.split(), ["192.0.2.40"])

    def test_what_stands_elsewhere_in_a_line_does_not_count(self):
        log = scratch / "others.log"
        log.write_text("".join(f"{line}\n" for line in (
            f"2026-11-24T10:00:00Z ERROR dum-api[1]: {FORGED}",
            f"{FORGED} and more",
            f"{FORGED}\\x0a",
            f" {FORGED}",
            FORGED.replace("WARNING", "INFO"),
            FORGED.replace("dum-api", "dum-apix"))))
        self.assertEqual(matches(log), [])

    def loaded(self, settings):
        """What fail2ban tells its server of the jail, with these settings."""
        etc = pathlib.Path(tempfile.mkdtemp(dir=scratch)) / "fail2ban"
        shutil.copytree("/etc/fail2ban", etc)
        shutil.copytree(FILTERS, etc, dirs_exist_ok=True)
        (etc / "jail.d" / "defaults-debian.conf").unlink(missing_ok=True)
        (etc / "jail.d" / "data-usage-monitor.local").write_text(
            f"[data-usage-monitor]\nenabled = true\n{settings}")
        done = subprocess.run(["fail2ban-client", "-c", etc, "-d"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [ast.literal_eval(line) for line in done.stdout.splitlines()
                if line.startswith("[")]

    def test_the_jail_loads_once_it_is_turned_on(self):
        told = self.loaded(f"backend = polling\nlogpath = {pool.log}\n")
        self.assertIn(["add", "data-usage-monitor", "polling"], told)
        self.assertIn(["set", "data-usage-monitor", "maxretry", 10], told)

    def test_the_jail_reads_the_journal_of_all_instances(self):
        told = self.loaded("")
        self.assertIn(["add", "data-usage-monitor", "systemd"], told)
        # What systemd makes of the name of the template.
        part = subprocess.run(["systemd-escape", "data-usage-monitor"], check=True,
                              capture_output=True, text=True).stdout.strip()
        self.assertIn(["set", "data-usage-monitor", "addjournalmatch",
                       "_SYSTEMD_UNIT=data-usage-monitor.service", "+",
                       f"_SYSTEMD_SLICE=system-{part}.slice"], told)

    def test_a_pattern_leads_to_the_logs_of_all_instances(self):
        logs = [scratch / name / "api.log" for name in
                ("data-usage-monitor", "data-usage-monitor-north",
                 "data-usage-monitor-south", "elsewhere")]
        for log in logs:
            log.parent.mkdir()
            log.touch()
        sample = re.search(r"logpath = /var/log/(\S+)\n#? +/var/log/(\S+)\n",
                           JAIL.read_text()).groups()
        self.assertRegex((TOP / "docs/proxy.md").read_text(), r"logpath = /var/log/"
                         + r"\n +/var/log/".join(map(re.escape, sample)))
        told = self.loaded("backend = polling\nlogpath = "
                           + "\n  ".join(str(scratch / name) for name in sample) + "\n")
        read = [line[3] for line in told if "addlogpath" in line]
        self.assertEqual(sorted(read), sorted(map(str, logs[:3])))


if __name__ == "__main__":
    unittest.main()

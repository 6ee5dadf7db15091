"""The units: known to systemd, closed to the world, and never beside cron."""

import configparser
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from service import TOP

NAME = "data-usage-monitor"
UNITS = {f"{NAME}.service": f"{NAME}.service",
         f"{NAME}-jobs.service": f"{NAME}.{NAME}-jobs.service",
         f"{NAME}-jobs.timer": f"{NAME}.{NAME}-jobs.timer",
         f"{NAME}@.service": f"{NAME}@.service",
         f"{NAME}-jobs@.service": f"{NAME}.{NAME}-jobs@.service",
         f"{NAME}-jobs@.timer": f"{NAME}.{NAME}-jobs@.timer"}
EXPOSURE = 2        # tenths of systemd's scale


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-units-"))
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name, source in UNITS.items():
            text = (TOP / "debian" / source).read_text()
            # What is started has to be there; systemd looks.
            text = re.sub(r"(?m)^(ExecStart=)\S+", r"\1/bin/true", text)
            (cls.dir / name).write_text(text)

    def analyze(self, *words):
        return subprocess.run(["systemd-analyze", *words, "--no-pager"], cwd=self.dir,
                              capture_output=True, text=True, check=False)

    def unit(self, name):
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read(self.dir / name)
        return parser

    def test_systemd_understands_them(self):
        done = self.analyze("verify", "--man=no", *(f"./{name}" for name in UNITS))
        ours = [line for line in done.stderr.splitlines() if NAME in line]
        self.assertEqual(ours, [])

    def test_they_are_exposed_no_more_than_they_need(self):
        for name in UNITS:
            if name.endswith(".service"):
                done = self.analyze("security", "--offline=yes",
                                    f"--threshold={EXPOSURE}", f"./{name}")
                self.assertEqual(done.returncode, 0, done.stdout[-200:])
                # And a lower threshold fails: the figure is the unit's.
                done = self.analyze("security", "--offline=yes", "--threshold=1", f"./{name}")
                self.assertNotEqual(done.returncode, 0)

    def test_an_instances_units_are_those_of_the_machine_but_for_its_names(self):
        for name in (f"{NAME}.service", f"{NAME}-jobs.service", f"{NAME}-jobs.timer"):
            own = (TOP / "debian" / UNITS[name]).read_text()
            template = (TOP / "debian" / UNITS[name.replace(".", "@.", 1)]).read_text()
            # A --config more, and a word in the description; the rest is names.
            template = template.replace(f"--config /etc/{NAME}-%i/dum.conf ", "")
            template = template.replace(" of %i", "").replace("-%i", "")
            self.assertEqual(template, own)

    def test_an_instance_has_nothing_of_another_ones(self):
        for name in (f"{NAME}@.service", f"{NAME}-jobs@.service"):
            text = (TOP / "debian" / UNITS[name]).read_text()
            for match in re.finditer(r"(?m)^(User|Group|\w+Directory|ReadWritePaths|EnvironmentFile|"
                                     r"SyslogIdentifier)=(.*)$|"
                                     rf"/(?:etc|run)/{NAME}\S*", text):
                self.assertIn("-%i", match.group(0))

    def test_the_journal_knows_them_by_their_names(self):
        names = [self.unit(name)["Service"]["SyslogIdentifier"]
                 for name in UNITS if name.endswith(".service")]
        self.assertEqual(names, [NAME, f"{NAME}-jobs", f"{NAME}-%i", f"{NAME}-jobs-%i"])

    def test_the_jobs_never_run_beside_cron(self):
        for name in (f"{NAME}-jobs.service", f"{NAME}-jobs.timer", f"{NAME}-jobs@.service",
                     f"{NAME}-jobs@.timer"):
            self.assertIn("ConditionPathExists=!/usr/sbin/cron\n", (self.dir / name).read_text())
        self.assertIn("Install", self.unit(f"{NAME}-jobs.timer"))
        self.assertNotIn("Install", self.unit(f"{NAME}-jobs.service"))

    def test_the_jobs_are_closed_in_as_the_workers_are(self):
        workers = self.unit(f"{NAME}.service")["Service"]
        jobs = self.unit(f"{NAME}-jobs.service")["Service"]
        start = list(workers).index("MemoryMax")
        for key in list(workers)[start:]:
            self.assertEqual(jobs[key], workers[key], key)

    def test_crons_lines_are_the_jobs_that_there_are(self):
        text = (TOP / f"debian/{NAME}.cron.d").read_text()
        jobs = re.findall(r"^[0-9*].* datamonitor +\[ ! -x (\S+) \] \|\| \1 (\w+)$", text, re.M)
        self.assertEqual([job for _, job in jobs],
                         ["ship", "checkpoint", "anchor", "verify", "weekly"])
        self.assertEqual(len(jobs), len(re.findall(r"^[0-9*]", text, re.M)))
        told = subprocess.run([TOP / "scripts/cron", "--help"], check=True,
                              capture_output=True, text=True).stdout
        for _, job in jobs:
            self.assertRegex(told, rf"(?m)^  {job} ")
        # The times that dum-cron takes a job's turn to be at are the entry's.
        script = (TOP / "scripts/cron").read_text()
        for job, call in (("anchor", "last_daily 2350"), ("verify", "last_daily 330"),
                          ("weekly", "last_weekly 400")):
            self.assertIn(f"    {job}) {call} ;;", script)
            minute, hour = re.search(rf"(?m)^(\d+) (\d+) .* {job}$", text).groups()
            self.assertEqual(int(call.split()[1]), int(hour) * 100 + int(minute))


if __name__ == "__main__":
    unittest.main()

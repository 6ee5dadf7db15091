"""scripts/deps names what an installation needs, on a machine that has nothing."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]

# Nothing is installed, and nothing can be: it tells what to install.
NOTHING = {"dpkg-query": "exit 1", "nginx": "exit 1", "npm": "exit 1", "sudo": "exit 1",
           "id": "echo 1000"}


def told(*options):
    """The packages that it wants installed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, line in NOTHING.items():
            path = pathlib.Path(folder, name)
            path.write_text(f"#!/bin/sh\n{line}\n")
            path.chmod(0o755)
        done = subprocess.run([TOP / "scripts/deps", *options], capture_output=True,
                              text=True, check=False,
                              env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
    words = re.search(r"--no-install-recommends (.*)", done.stderr)
    assert done.returncode == 1 and words, done.stderr
    return set(words.group(1).split())


def relation(name):
    """Each line of a relation of the package, as the alternatives that it has."""
    text = re.search(rf"(?m)^{name}: (.*(?:\n .*)*)",
                     (TOP / "debian/control").read_text().split("\nPackage: ")[1]).group(1)
    for line in text.replace("\n", " ").split(","):
        if line.strip() and "${" not in line:
            yield {re.sub(r" *\(.*\)", "", word).strip() for word in line.split("|")}


class Deps(unittest.TestCase):
    def test_an_installation_from_a_checkout_gets_what_the_package_depends_on(self):
        names = told("--run")
        # The library comes with what --build installs.
        wanted = [each for each in relation("Depends") if each != {"libfcgi0ldbl"}]
        self.assertGreater(len(wanted), 5)
        for each in wanted:
            self.assertTrue(each & names, each)
        self.assertIn("libfcgi-dev", told("--build"))

    @unittest.skipIf(os.path.isdir("/run/systemd/system"), "its timer runs the jobs")
    def test_jobs_have_cron_where_no_systemd_runs(self):
        self.assertEqual(told("--jobs"), {"cron"})
        self.assertNotIn("cron", told("--run"))
        self.assertRegex((TOP / "scripts/setup").read_text(), r"deps\" --build --run --jobs")


if __name__ == "__main__":
    unittest.main()

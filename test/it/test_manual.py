"""The manual pages say what the programs do."""

import glob
import os
import re
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ["BIN"]
PAGES = sorted(glob.glob(f"{TOP}/debian/man/*.[58]"))


def text_of(page):
    shown = subprocess.run(["man", "-l", page], check=True, capture_output=True, text=True,
                           env={**os.environ, "MANWIDTH": "100", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
    return re.sub(".\b", "", shown.stdout)


def source_of(page):
    with open(f"{TOP}/debian/man/{page}", encoding="utf-8") as file:
        return file.read()


class Manual(unittest.TestCase):
    def test_no_page_has_a_warning(self):
        for page in PAGES:
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
                                  check=True, capture_output=True, text=True,
                                  env={**os.environ, "MANROFFSEQ": ""})
            self.assertEqual(done.stderr, "", page)

    def test_every_program_has_a_page_and_every_page_a_subject(self):
        programs = set(os.listdir(BIN)) | {"dum-setup", "dum-cron"}
        pages = {os.path.basename(page)[:-2] for page in PAGES if page.endswith(".8")}
        self.assertEqual(pages, programs)

    def test_every_option_of_a_program_is_in_its_page(self):
        for program in sorted(os.listdir(BIN)):
            told = subprocess.run([f"{BIN}/{program}", "--help"], check=True, capture_output=True,
                                  text=True).stdout
            page = text_of(f"{TOP}/debian/man/{program}.8")
            for option in sorted(set(re.findall(r"--[a-z][a-z-]+", told))):
                self.assertIn(option, page, f"{program}.8")

    def test_the_container_is_the_same_in_page_and_document(self):
        """test_backup_format.py reads real backups by the document."""
        with open(f"{TOP}/docs/backup-format.md", encoding="utf-8") as file:
            document = file.read()
        header = document.split("\n## The container\n")[1].split("\n**")[0]
        rows = re.findall(r"(?m)^\| (\d+) \| (\d+) \| (.*) \|$", header)
        self.assertEqual(sum(int(size) for _, size, _ in rows), 164)
        page = source_of("dum-backup.5")
        self.assertEqual(re.findall(r"(?m)^\.It (\d+) Ta (\d+) Ta (.*)$", page),
                         [(at, size, what.replace("`", "")) for at, size, what in rows])
        for info in re.findall(r"`(dum container [^`]+)`", document):
            self.assertIn(f".Ql {info} ,", page)

    def test_every_setting_is_in_its_page_with_its_default(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/dum.conf"
            with open(path, "w", encoding="ascii"):
                pass
            told = subprocess.run([f"{BIN}/dum-admin", "--config", path, "config"], check=True,
                                  capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
        defaults = dict(line.split("=", 1) for line in told.stdout.splitlines()
                        if re.match(r"[A-Z_]+=", line))
        self.assertGreater(len(defaults), 15)
        page = source_of("dum.conf.5")
        for key, value in defaults.items():
            value = value.strip('"') or "(empty)"
            self.assertRegex(page, rf"(?s)\.It Ev {key}\n(?:(?!\.It).)*Default: {re.escape(value)}[.;]",
                             key)
        self.assertEqual(set(re.findall(r"^\.It Ev (\w+)", page, re.M)), set(defaults))


if __name__ == "__main__":
    unittest.main()

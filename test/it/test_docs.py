"""README and docs/ tell the truth: what they name is there, what they say to
run runs.
"""

import contextlib
import glob
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import unittest

from service import BIN, TOP, Service, clean_environment

PAGES = [TOP / "README.md", *sorted(TOP.glob("docs/*.md")),
         TOP / "test/README.md"]
TOPS = ("lib", "fcgi-app", "tools", "sql", "www", "nginx", "scripts", "test",
        "docs", "debian")
# Names that stand for many, and files that only a service has.
PLACEHOLDERS = re.compile(r"NNN|NAME|TABLE|test_x|/x\b|THAT")


class Docs(unittest.TestCase):
    def words(self, pattern):
        """(page, match) of a pattern in all pages."""
        for page in PAGES:
            for match in re.finditer(pattern, page.read_text()):
                yield page.relative_to(TOP), match

    def test_every_path_is_there(self):
        seen = 0
        for page, match in self.words(
                rf"(?<![\w/.-])(?:{'|'.join(TOPS)})/[\w./*-]*[\w/*]"):
            path = match.group(0)
            if PLACEHOLDERS.search(path):
                continue
            seen += 1
            with self.subTest(page=str(page), path=path):
                self.assertTrue(glob.glob(str(TOP / path)))
        self.assertGreater(seen, 30)

    def test_every_link_leads_somewhere(self):
        for page, match in self.words(r"\]\(([^)#]+)\)"):
            target = match.group(1)
            if "://" not in target:
                self.assertTrue((TOP / page).parent.joinpath(target).exists(),
                                (page, target))

    def test_every_make_target_is_there(self):
        known = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(),
                               re.M))
        for page, match in self.words(r"`make ([a-z-]+)"):
            self.assertIn(match.group(1), known, page)
        for page, match in self.words(r"`(lint-[a-z]+)`"):
            self.assertIn(match.group(1), known, page)

    def test_every_option_of_a_program_is_in_its_help(self):
        helps = {name: subprocess.run(
            command, capture_output=True, text=True, check=True,
            env=clean_environment()).stdout for name, command in {
                "scripts/run": [TOP / "scripts/run", "--help"],
                "dum-import": [BIN / "dum-import", "--help"],
                "dum-admin": [BIN / "dum-admin", "--help"],
                "dum-backup": [BIN / "dum-backup", "--help"],
                "dum-verify": [BIN / "dum-verify", "--help"],
                "dum-setup": [TOP / "scripts/setup", "--help"]}.items()}
        for page, match in self.words(r"(scripts/run|dum-import|dum-admin|dum-backup|"
                                      r"dum-verify|dum-setup)"
                                      r"((?: (?:--?\w[\w-]*|[\w./]+))+)"):
            name, rest = match.groups()
            for option in re.findall(r"--[a-z][a-z-]*", rest):
                if option not in ("--help", "--version"):
                    self.assertIn(option, helps[name], (page, match.group(0)))

    def test_every_command_of_a_program_is_in_its_help(self):
        for name, command, pattern in (
                ("dum-setup", TOP / "scripts/setup", r"(?m)^  ([a-z| -]+?)(?:  |$| [A-Z[])"),
                ("dum-backup", BIN / "dum-backup", r"(?m)^  ([a-z-]+)")):
            told = subprocess.run([command, "--help"], capture_output=True, text=True,
                                  check=True, env=clean_environment()).stdout
            known = set(re.findall(r"[a-z-]+", " ".join(re.findall(pattern, told))))
            for page, match in self.words(rf"(?m)(?:^|`){name} ([a-z][a-z-]*)"):
                self.assertIn(match.group(1), known, page)

    def test_blocks_of_the_manual_are_shell(self):
        """What they do is seen by make test-install, in a root of its own."""
        blocks = re.findall(r"(?ms)^```sh(?: elsewhere)?\n(.*?)^```$",
                            (TOP / "docs/operations.md").read_text())
        self.assertGreater(len(blocks), 20)
        for block in blocks:
            done = subprocess.run(["bash", "-n", "-c", block], capture_output=True,
                                  text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), block)
        fences = re.findall(r"(?m)^```(.*)$", (TOP / "docs/operations.md").read_text())
        self.assertEqual(set(fences), {"sh", "sh elsewhere", ""})

    def test_a_block_of_the_manual_installs_what_it_uses(self):
        """Those of elsewhere, which no test runs, with the others. What is
        installed elsewhere is there for other blocks of elsewhere alone.
        """
        packages = {"nft": "nftables", "wg": "wireguard-tools",
                    "logrotate": "logrotate"}
        for same in ("curl", "certbot", "rclone", "rsync", "git", "make", "sqlite3",
                     "wget", "jq", "fail2ban-client"):
            packages[same] = same.removesuffix("-client")
        names = "|".join(packages)
        text = (TOP / "docs/operations.md").read_text()
        there, used = {"sh": set(), "sh elsewhere": set()}, 0
        for kind, block in re.findall(r"(?ms)^```(sh(?: elsewhere)?)\n(.*?)^```$", text):
            block = re.sub(r"(?ms)<<'?END'?$.*?^END$", "", block)
            for line in block.splitlines():
                for name in re.findall(rf"(?:^|[|&;(]|-- )\s*({names})\s", line):
                    used += 1
                    with self.subTest(line=line):
                        self.assertIn(packages[name], there[kind])
                if told := re.match(r"apt-get install -y (.*)", line):
                    there["sh elsewhere"] |= set(told.group(1).split())
                    if kind == "sh":
                        there["sh"] |= set(told.group(1).split())
        self.assertGreater(used, 8)

    def test_setting_names_are_settings(self):
        known = set(re.findall(r'\{"([A-Z_]+)"', (
            TOP / "lib/config/config.c").read_text()))
        for page, match in self.words(r"`([A-Z]+_[A-Z_]+)`"):
            word = match.group(1)
            if not word.startswith(("DUM_", "SQL_")):
                self.assertIn(word, known, page)


class Release(unittest.TestCase):
    def test_the_version_is_the_same_everywhere(self):
        version = re.search(r'DUM_VERSION "(.+)"',
                            (TOP / "lib/base/version.h").read_text()).group(1)
        packaged = re.match(r"data-usage-monitor \((.+)\) ",
                            (TOP / "debian/changelog").read_text()).group(1)
        told = re.search(r"(?m)^## (\S+) - (\d{4}-\d\d-\d\d)$",
                         (TOP / "CHANGELOG.md").read_text())
        self.assertEqual((packaged, told.group(1)), (version, version))
        for program in sorted(BIN.iterdir()):
            done = subprocess.run([program, "--version"], capture_output=True, text=True,
                                  check=True, env=clean_environment())
            self.assertEqual(done.stdout.split()[:2], [program.name, version])
        self.assertIn(f"data-usage-monitor_{version}_$(dpkg --print-architecture).deb",
                      (TOP / "docs/operations.md").read_text())

    def test_the_bill_of_materials_names_what_is_linked_and_what_is_bundled(self):
        made = [subprocess.run([TOP / "scripts/sbom", BIN], capture_output=True, text=True,
                               check=True).stdout for _ in range(2)]
        self.assertEqual(made[0], made[1])
        bill = json.loads(made[0])
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.5"))
        parts = {part["name"]: part for part in bill["components"]}
        for name in ("libc6", "libsqlite3-0", "libjansson4", "libgcrypt20", "zlib1g",
                     "libfcgi0ldbl", "libcsv3"):
            self.assertRegex(parts[name]["purl"], rf"^pkg:deb/debian/{name}@\d")
        locked = json.loads((TOP / "www/package-lock.json").read_text())["packages"]
        self.assertEqual(len([p for p in bill["components"] if p["purl"].startswith("pkg:npm/")]),
                         len([path for path in locked if path]))
        self.assertEqual(parts["preact"]["scope"], "required")


class ReadmeCommands(unittest.TestCase):
    """The blocks of the README, run on a service of our own: as they stand, but
    for its folder and port."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service("--sample", "--workers", "2").start()
        cls.addClassCleanup(cls.service.stop)
        cls.others()

    @classmethod
    def others(cls):
        """What the blocks take from other programs: their files and answers."""
        folder = cls.service.folder
        (folder / "usage.csv").write_text("Date,North\n2026-03-13,1\n")
        dump = TOP / "test/data/vnstat_2.6_json_d31.json"
        vnstat = folder / "bin" / "vnstat"
        vnstat.parent.mkdir()
        vnstat.write_text(f"#!/bin/sh\nexec cat {dump}\n")
        vnstat.chmod(0o755)
        with contextlib.closing(sqlite3.connect(folder / "data_usage.db")) as old:
            old.executescript("""
                CREATE TABLE locations (id INTEGER PRIMARY KEY, name TEXT,
                    display_name TEXT);
                CREATE TABLE daily_usage (id INTEGER PRIMARY KEY, date DATE,
                    location_id INTEGER, usage_gb REAL);
                INSERT INTO locations VALUES (1, 'old', 'Old');
                INSERT INTO daily_usage VALUES (1, '2024-01-15', 1, 25.5);
            """)

    def blocks(self):
        """The indented blocks below the first heading that use the tools."""
        text = (TOP / "README.md").read_text()
        found = re.findall(r"(?:^    .*\n)+", text, re.M)
        return [re.sub(r"(?m)^    ", "", block) for block in found]

    def run_block(self, block):
        folder = self.service.folder
        script = (block.replace("var/", f"{self.service.state}/")
                  .replace("8443", str(self.service.port))
                  .replace("/opt/old/", f"{folder}/")
                  .replace("usage.csv", f"{folder}/usage.csv"))
        script = f"bin={BIN}\nset -eu\n" + re.sub(r"(?m)^bin=.*\n", "", script)
        return subprocess.run(["sh", "-c", script], cwd=folder,
                              capture_output=True, text=True, timeout=120,
                              check=False, env=clean_environment(
                                  PATH=f"{folder}/bin:{os.environ['PATH']}"))

    def test_the_blocks_run_as_they_stand(self):
        ran = 0
        for block in self.blocks():
            if not re.search(r"\$bin|sqlite3 |curl ", block):
                continue
            with self.subTest(block=block):
                done = self.run_block(block)
                self.assertEqual(done.returncode, 0, done)
                self.assertTrue(done.stdout or ">" in block, done)
                ran += 1
        self.assertEqual(ran, 7)
        self.assertEqual(self.service.query(
            "SELECT count(*) FROM locations WHERE name = 'North'"), [(1,)])

    def test_the_overview_came_from_the_key_of_the_readme(self):
        block = next(b for b in self.blocks() if "curl" in b)
        done = self.run_block(block.replace("add report", "add another"))
        self.assertIn('"total_locations"', done.stdout)
        self.assertEqual((self.service.state / "report-key").stat().st_mode
                         & 0o777, 0o600)

    def test_the_first_screen_has_the_two_commands(self):
        screen = (TOP / "README.md").read_text().splitlines()[:24]
        self.assertTrue(any(re.match("    scripts/run --sample", line)
                            for line in screen))
        self.assertTrue(any(re.match("    scripts/test", line)
                            for line in screen))


if __name__ == "__main__":
    unittest.main(verbosity=1)

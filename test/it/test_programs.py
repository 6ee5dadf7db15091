"""What all programs have in common: how they are built, and how they are asked
for help.
"""

import os
import platform
import re
import subprocess
import tempfile
import unittest

from service import BIN, TOP, clean_environment

PROGRAMS = sorted(BIN.glob("dum-*"))


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL,
                          env=clean_environment(**more))


class Built(unittest.TestCase):
    def test_there_are_the_three_at_least(self):
        self.assertLessEqual({"dum-admin", "dum-api", "dum-import"},
                             {p.name for p in PROGRAMS})

    def test_they_are_hardened(self):
        """PIE, all of the relocations read-only, guarded stacks, FORTIFY."""
        for program in PROGRAMS:
            with self.subTest(program=program.name):
                text = run("readelf", "-W", "-h", "-l", "-d", "-s",
                           program).stdout
                self.assertRegex(text, r"Type:\s+DYN \(Position-Independent")
                self.assertIn("GNU_RELRO", text)
                self.assertRegex(text, r"FLAGS.*\bNOW\b")
                self.assertRegex(text, r"GNU_STACK.* RW ")
                self.assertIn("__stack_chk_fail", text)
                self.assertRegex(text, r"__\w+_chk@")

    @unittest.skipUnless(platform.machine() == "x86_64", "what x86 has")
    def test_calls_that_come_from_elsewhere_land_where_they_may(self):
        """Large frames are touched page by page, and jumps are marked. The
        note that says so of the whole program is not there: Debian 12's own
        start-up code has none (docs/security.md)."""
        for program in PROGRAMS:
            with self.subTest(program=program.name):
                main = run("objdump", "-d", "--disassemble=main", program).stdout
                self.assertRegex(main, r"<main>:\n.*\bendbr64\b")
                self.assertRegex(run("objdump", "-d", program).stdout,
                                 r"sub +\$0x1000,%rsp\n.*or[lq] +\$0x0,")

    def test_they_need_few_libraries(self):
        """No library that nobody thought of."""
        known = {"libc", "libm", "libsqlite3", "libjansson", "libgcrypt",
                 "libz", "libcsv", "libfcgi", "libcurl", "ld-linux-x86-64"}
        for program in PROGRAMS:
            needed = re.findall(r"NEEDED.*\[([^.]+)\.so",
                                run("readelf", "-d", program).stdout)
            self.assertLessEqual(set(needed), known, program.name)

    def test_make_help_lists_the_targets(self):
        text = run("make", "-s", "-C", TOP, "help").stdout
        for target in ("all", "lint", "test", "bench", "clean", "help", "www"):
            self.assertRegex(text, rf"(?m)^{target} +\S")

    def test_an_unknown_variant_is_told(self):
        done = run("make", "-C", TOP, "-n", "VARIANT=fast", "help")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "unknown VARIANT 'fast': release, debug,")


class Asked(unittest.TestCase):
    def test_help_and_version(self):
        version = re.search(r'DUM_VERSION "(.+)"', (
            TOP / "lib/base/version.h").read_text()).group(1)
        for program in PROGRAMS:
            with self.subTest(program=program.name):
                done = run(program, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, "(?i)^usage: " + program.name)
                self.assertIn("--config", done.stdout)
                for line in done.stdout.splitlines():
                    self.assertLessEqual(len(line), 140, line)
                done = run(program, "--version")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout.startswith(
                    f"{program.name} {version}"), done)

    def test_wrong_usage_is_2_and_says_where_help_is(self):
        for program in PROGRAMS:
            for words in (["--no-such-option"], ["--config"],
                          ["no-such-word", "and-another"]):
                with self.subTest(program=program.name, words=words):
                    done = run(program, *words)
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    self.assertTrue(done.stderr)

    def test_settings_that_are_wrong_are_named(self):
        """By file and line, with what is allowed and the nearest known key."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "dum.conf")
            for text, line, parts in (
                    ("# x\nDATABASE_PAHT=/x\n", 2,
                     ["DATABASE_PAHT", "DATABASE_PATH"]),
                    ("BILLING_CYCLE_DAY=32\n", 1,
                     ["BILLING_CYCLE_DAY", "1", "31"]),
                    ("\n\nSQLITE_SYNCHRONOUS=OFF\n", 3, ["FULL", "EXTRA"]),
                    ("TIMEZONE=Nowhere/City\n", None, ["Nowhere/City"]),
                    ("just words\n", 1, ["just words"])):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                for name, words in (("dum-import", ["-"]),
                                    ("dum-admin", ["stats"])):
                    done = run(BIN / name, "--config", path, *words)
                    self.assertEqual(done.returncode, 2, done)
                    if line:
                        self.assertIn(f"{path}:{line}: ", done.stderr)
                    for part in parts:
                        self.assertIn(part, done.stderr)

    def test_the_environment_is_over_the_file_and_known_keys_only(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "dum.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write("MAX_DAILY_GB=5\n")
            command = [BIN / "dum-admin", "--config", path, "config",
                       "MAX_DAILY_GB"]
            self.assertEqual(run(*command).stdout, "5\n")
            self.assertEqual(run(*command, MAX_DAILY_GB="7",
                                 NO_SUCH_KEY="1").stdout, "7\n")
            done = run(*command, MAX_DAILY_GB="1000001")
            self.assertEqual(done.returncode, 2)
            self.assertIn("1000000", done.stderr)
            done = run(BIN / "dum-admin", "config", "MAX_DAILY_GB",
                       DUM_CONFIG=path)
            self.assertEqual(done.stdout, "5\n")


if __name__ == "__main__":
    unittest.main(verbosity=1)

"""dum-backup create, list, verify, cat, rekey: made whole, proven, and told
apart. What a backup holds is worked out here by gunzip, hashlib and sqlite3."""

import gzip
import hashlib
import json
import os
import pty
import pwd
import re
import signal
import stat
import subprocess
import time
import unittest

from backup_case import BIN, BackupCase, content_hash


class Create(BackupCase):
    def test_plain_gunzip_gives_the_database_back(self):
        name = self.create()
        self.assertRegex(name, r"^data_usage_backup_\d{8}_\d{6}\.db\.gz$")
        path = os.path.join(self.backups, name)
        image = subprocess.run(["gunzip", "-c", path], capture_output=True,
                               check=True).stdout
        copy = self.path("copy.db")
        with open(copy, "wb") as f:
            f.write(image)
        self.assertEqual(self.integrity(copy), "ok")
        self.assertEqual(self.content(copy), self.content())
        self.assertEqual(self.backup("cat", name).stdout, image)

    def test_the_manifest_says_what_is_so(self):
        name = self.create("--name", "before-move")
        self.assertRegex(name, r"_\d{6}_before-move\.db\.gz$")
        manifest = self.manifest(name)
        path = os.path.join(self.backups, name)
        with open(path, "rb") as f:
            stored = f.read()
        image = gzip.decompress(stored)
        self.assertEqual(manifest["stored"]["sha256"], hashlib.sha256(stored).hexdigest())
        self.assertEqual(manifest["stored"]["bytes"], len(stored))
        verification = manifest["verification"]
        self.assertEqual(verification["image_sha256"], hashlib.sha256(image).hexdigest())
        self.assertEqual((verification["level"], verification["ok"]), (1, True))
        backup = manifest["backup"]
        size = backup["database"]["page_size"]
        self.assertEqual(backup["pages_sha256"], hashlib.sha256(
            hashlib.sha256(image[:size]).digest()
            + hashlib.sha256(image[size:]).digest()).hexdigest())
        self.assertEqual(backup["label"], "before-move")
        self.assertEqual(backup["database"]["bytes"], len(image))
        copy = self.unpacked(name)
        self.assertEqual(
            sorted(backup["tables"]),
            sorted(n for n, in self.query(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite~_%' ESCAPE '~'", copy)))
        for table, facts in backup["tables"].items():
            self.assertEqual((facts["rows"], facts["sha256"]),
                             content_hash(copy, table), table)
        last, mac = self.query("SELECT id, hex(mac) FROM journal ORDER BY id DESC LIMIT 1",
                               copy)[0]
        self.assertEqual(backup["journal"], {"id": last, "mac": mac.lower()})

    def test_manifests_hang_together(self):
        names = [self.create() for _ in range(3)]
        before = None
        for number, name in enumerate(names, 1):
            backup = self.manifest(name)["backup"]
            self.assertEqual(backup["sequence"], number)
            self.assertEqual(backup["previous"], before)
            canonical = json.dumps(backup, sort_keys=True, separators=(",", ":"),
                                   ensure_ascii=False).encode()
            before = {"id": backup["id"], "sha256": hashlib.sha256(canonical).hexdigest()}

    def test_a_second_one_in_the_same_second_gets_a_number(self):
        # The clock stands still.
        wrap = ("faketime", "-f", "2026-11-02 14:00:00")
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        names = [self.create(wrap=wrap, env=env) for _ in range(3)]
        stem = "data_usage_backup_20261102_140000"
        self.assertEqual(names, [f"{stem}.db.gz", f"{stem}_2.db.gz", f"{stem}_3.db.gz"])
        self.assertEqual([e["state"] for e in self.listed()], ["proven"] * 3)

    def test_files_are_private(self):
        name = self.create()
        modes = {n: stat.S_IMODE(os.stat(os.path.join(self.backups, n)).st_mode)
                 for n in (".", name, name + ".json", "backup.lock")}
        self.assertEqual(modes, {".": 0o700, name: 0o600, name + ".json": 0o600,
                                 "backup.lock": 0o600})

    def test_without_compression_it_is_a_database_file(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_COMPRESSION=false\n")
        name = self.create("--verify", "3")
        self.assertTrue(name.endswith(".db"))
        self.assertEqual(self.content(os.path.join(self.backups, name)), self.content())
        self.backup("verify", name, "--level", "3")

    def test_it_goes_on_while_others_write(self):
        db = self.connect()
        self.addCleanup(db.close)
        program = subprocess.Popen(
            [os.path.join(BIN, "dum-backup"), "--config", self.config, "create",
             "--throttle", "1", "--json"], stdout=subprocess.PIPE)
        written = 0
        while program.poll() is None:
            written += 1
            db.execute("UPDATE daily_usage SET usage_bytes = ? WHERE id = 1", (written,))
            db.execute("UPDATE daily_usage SET usage_bytes = ? WHERE id = 2000", (written,))
        name = json.loads(program.stdout.read())["file"]
        program.stdout.close()
        self.assertEqual(program.returncode, 0)
        self.assertGreater(written, 5)
        # One state: between the two statements of a turn, or after both.
        copy = self.unpacked(name)
        a, b = (v for v, in self.query(
            "SELECT usage_bytes FROM daily_usage WHERE id IN (1, 2000) ORDER BY id", copy))
        self.assertIn(a - b if b <= written else 0, (0, 1))

    def test_bad_labels_are_refused(self):
        for label in ("", "a b", "../x", "x_y", "12", "x" * 41, "é"):
            self.backup("create", "--name", label, status=2)
        self.assertEqual([n for n in os.listdir(self.backups) if n != "backup.lock"], [])

    def test_levels_prove_or_do_not(self):
        for level, proven in ((0, False), (1, True), (2, True), (3, True)):
            name = self.create("--verify", str(level))
            entry = [e for e in self.listed() if e["file"] == name][0]
            self.assertEqual((entry["proven"], entry["verify_level"]), (proven, level))
        self.backup("create", "--verify", "4", status=2)

    def test_options_of_other_commands_are_refused(self):
        self.backup("list", "--confirm", status=2)
        self.backup("create", "--level", "1", status=2)
        self.backup("create", "extra", status=2)
        self.backup("make", status=2)

    def test_options_that_say_different_things_are_refused(self):
        name = self.create()
        for words, pair in (
                (("create", "--key-file", self.key, "--passphrase"), "key-file passphrase"),
                (("extract", name, "--csv", "--apply"), "csv apply"),
                (("restore", name, "--to", "x", "--whole"), "to whole"),
                (("sync", "--prepare", "--dry-run"), "prepare dry-run")):
            told = self.backup(*words, status=2).stderr.decode()
            self.assertIn("--%s and --%s do not go together" % tuple(pair.split()), told)
        self.assertEqual(len(self.listed()), 1)

    def test_what_others_have_in_the_folder_is_theirs(self):
        os.makedirs(os.path.join(self.backups, "film.partial"))
        theirs = ["film.iso.partial", "film.partial/1"]
        ours = ["data_usage_backup_20200101_000000.db.gz.partial", "pruned.json.partial",
                "journal_1_2_3.log.open.partial"]
        for name in theirs + ours:
            with open(os.path.join(self.backups, name), "w", encoding="utf-8") as f:
                f.write("half")
        self.create()
        for name in theirs:
            self.assertTrue(os.path.exists(os.path.join(self.backups, name)), name)
        for name in ours:
            self.assertFalse(os.path.exists(os.path.join(self.backups, name)), name)


class Listing(BackupCase):
    def test_what_is_missing_or_replaced_shows(self):
        names = [self.create() for _ in range(4)]
        os.unlink(os.path.join(self.backups, names[1]))
        states = {e["file"]: e for e in self.listed(status=1)}
        self.assertEqual(states[names[1]]["state"], "missing")
        os.unlink(os.path.join(self.backups, names[1] + ".json"))
        entries = {e["file"]: e for e in self.listed()}
        self.assertEqual(entries[names[2]]["note"],
                         "the one before it (number 2) is missing")
        # Another history under the name of the third.
        path = os.path.join(self.backups, names[2] + ".json")
        manifest = self.manifest(names[2])
        manifest["backup"]["duration_ms"] += 1
        with open(path, "w", encoding="utf-8") as f:
            json.dump(manifest, f)
        entries = {e["file"]: e for e in self.listed()}
        self.assertEqual(entries[names[3]]["note"],
                         f"the one before it, {names[2]}, was replaced")

    def test_a_small_one_is_told_in_kilobytes(self):
        made = self.backup("create").stdout.decode()
        size = self.listed()[0]["bytes"]
        self.assertLess(size, 999950)
        kilobytes = f"{(size + 50) // 100 / 10:.1f} kB"
        self.assertIn(f"\n{kilobytes} of ", made)
        self.assertIn(f" {kilobytes} ", self.backup("list").stdout.decode())

    def test_without_a_manifest_it_is_unproven(self):
        name = self.create()
        os.unlink(os.path.join(self.backups, name + ".json"))
        self.assertEqual(self.listed()[0]["state"], "unproven")
        done = self.backup("verify", name)
        self.assertIn(b"no manifest", done.stdout)

    def test_another_size_shows_at_once(self):
        name = self.create()
        os.truncate(os.path.join(self.backups, name), 1000)
        self.assertEqual(self.listed(status=1)[0]["state"], "damaged")

    def test_strange_files_are_left_alone(self):
        self.create()
        for name in ("notes.txt", "data_usage_backup_2026.db.gz",
                     "data_usage_backup_20261102_140000_a_b.db.gz"):
            with open(os.path.join(self.backups, name), "w", encoding="utf-8") as f:
                f.write("x")
        self.assertEqual(len(self.listed()), 1)


class Verify(BackupCase):
    def test_a_failure_is_remembered_and_a_later_proof_too(self):
        name = self.create()
        path = os.path.join(self.backups, name)
        with open(path, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)
            f.seek(5000)
            f.write(bytes([byte[0] ^ 1]))
        self.backup("verify", name, status=4)
        self.assertEqual(self.listed(status=1)[0]["state"], "damaged")
        with open(path, "r+b") as f:
            f.seek(5000)
            f.write(byte)
        self.backup("verify", name)
        self.assertEqual(self.listed()[0]["state"], "proven")

    def test_every_level_finds_a_cut(self):
        name = self.create()
        os.truncate(os.path.join(self.backups, name), 6000)
        for level in "0123":
            self.backup("verify", name, "--level", level, status=5)

    def test_another_backup_under_its_name_is_found(self):
        first = self.create()
        self.change("UPDATE daily_usage SET usage_bytes = 1 WHERE id = 3")
        second = self.create()
        os.replace(os.path.join(self.backups, second), os.path.join(self.backups, first))
        self.backup("verify", first, status=4)

    def test_links_are_not_followed(self):
        name = self.create()
        path = os.path.join(self.backups, name)
        os.rename(path, self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), path)
        self.backup("verify", name, status=1)
        self.backup("cat", name, status=1)

    def exports(self):
        return [(actor, to, json.loads(detail)) for actor, to, detail in self.query(
            "SELECT actor, pk, after FROM journal WHERE tbl = 'event'"
            " AND op = 'export' ORDER BY id")]

    def test_what_leaves_a_backup_is_in_the_journal(self):
        name = self.create()
        image = self.backup("cat", name).stdout
        table = self.backup("extract", name, "--from", "2020-01-01",
                            "--until", "2020-01-31", "--csv").stdout
        self.assertIn(b"place_1", table)
        copy = self.path("copy.db")
        self.backup("restore", name, "--to", copy)
        who = "local:" + pwd.getpwuid(os.getuid()).pw_name
        self.assertEqual(self.exports(), [
            (who, "-", {"command": "cat", "backup": name}),
            (who, "-", {"command": "extract", "backup": name}),
            (who, copy, {"command": "restore", "backup": name})])
        # Data that come back, and a key that opens nothing, let none out.
        self.backup("extract", name, "--from", "2020-01-01", "--until",
                    "2020-01-31", "--apply", "--confirm")
        closed = self.create("--key-file", self.key)
        other = self.path("other.key")
        with open(other, "w", encoding="ascii") as f:
            f.write("11" * 32 + "\n")
        os.chmod(other, 0o600)
        self.backup("cat", closed, "--key-file", other, status=3)
        self.assertEqual(len(self.exports()), 3)
        # What a backup is for: there is no database that could be written.
        for end in "", "-wal", "-shm":
            if os.path.exists(self.database + end):
                os.rename(self.database + end, self.path("gone" + end))
        done = self.backup("cat", name)
        self.assertEqual(done.stdout, image)
        self.assertIn(b"not entered into the journal: ", done.stderr)
        self.assertFalse(os.path.exists(self.database))

    def test_names_stay_in_the_folder_unless_a_path_is_given(self):
        name = self.create()
        self.backup("verify", "../dum.conf", status=2)
        self.backup("cat", "/etc/passwd", status=2)
        os.mkdir(self.path("other"))
        os.rename(os.path.join(self.backups, name), self.path("other/" + name))
        self.backup("verify", self.path("other/" + name))
        self.backup("verify", name, status=1)

    def test_all_and_the_latest(self):
        names = [self.create() for _ in range(3)]
        lines = self.backup("verify", "--latest", "2", "--level", "3").stdout.decode()
        self.assertEqual(re.findall(r"^(\S+): ok", lines, re.M), names[1:])
        lines = self.backup("verify", "--all").stdout.decode()
        self.assertEqual(re.findall(r"^(\S+): ok", lines, re.M), names)
        self.backup("verify", status=2)
        self.backup("verify", "--all", "--latest", "1", status=2)


class Encrypted(BackupCase):
    def test_key_file_passphrase_and_wrong_key(self):
        name = self.create("--key-file", self.key)
        self.assertTrue(name.endswith(".db.gz.enc"))
        with open(os.path.join(self.backups, name), "rb") as f:
            self.assertNotIn(b"SQLite format", f.read())
        copy = self.unpacked(name, "--key-file", self.key)
        self.assertEqual(self.content(copy), self.content())
        self.backup("verify", name, "--level", "3", "--key-file", self.key)
        self.backup("verify", name, status=3)
        self.backup("verify", name, "--passphrase", data=b"guess\n", status=3)
        other = self.path("other.key")
        with open(other, "w", encoding="ascii") as f:
            f.write("ab" * 32)
        os.chmod(other, 0o600)
        self.backup("verify", name, "--key-file", other, status=3)
        gone = self.backup("verify", name, "--key-file", self.path("none"), status=3)
        self.assertIn(f"--key-file {self.path('none')}: No such file".encode(), gone.stderr)
        self.assertIn(b"put the file back", gone.stderr)
        # None of it was held against the backup.
        self.assertEqual(self.listed()[0]["state"], "proven")

        second = self.create("--passphrase", data="größe und höhe\n".encode())
        self.backup("verify", second, "--passphrase", data="größe und höhe\n".encode())
        self.backup("cat", second, "--passphrase", data=b"else\n", status=3)

    def test_a_key_that_others_can_read_is_refused(self):
        os.chmod(self.key, 0o644)
        self.backup("create", "--key-file", self.key, status=3)

    def test_rekey_changes_the_key_and_nothing_else(self):
        name = self.create("--key-file", self.key)
        path = os.path.join(self.backups, name)
        with open(path, "rb") as f:
            before = f.read()
        later = self.create("--key-file", self.key)
        self.backup("rekey", name, "--key-file", self.key, "--new-passphrase",
                    data=b"a new one\n")
        with open(path, "rb") as f:
            after = f.read()
        self.assertEqual(before[164:], after[164:])
        self.assertNotEqual(before[:164], after[:164])
        self.backup("verify", name, "--key-file", self.key, status=3)
        self.backup("verify", name, "--passphrase", "--level", "0", data=b"a new one\n")
        self.backup("verify", name, "--passphrase", data=b"a new one\n")
        self.assertEqual([e["note"] for e in self.listed()], [None, None])
        self.backup("verify", later, "--key-file", self.key)

    def test_a_rekey_that_died_before_the_manifest_is_made_good(self):
        name = self.create("--key-file", self.key)
        path = os.path.join(self.backups, name + ".json")
        with open(path, "rb") as f:
            manifest = f.read()
        self.backup("rekey", name, "--key-file", self.key, "--new-passphrase", data=b"new\n")
        with open(path, "wb") as f:
            f.write(manifest)
        self.backup("verify", name, "--level", "1", "--passphrase", data=b"new\n")
        self.backup("verify", name, "--level", "0", "--passphrase", data=b"new\n")

    def test_a_plain_one_can_not_be_rekeyed(self):
        name = self.create()
        for word, why in ((name, b"is not encrypted"), ("x", b"is no name of a backup"),
                          (os.path.join(self.backups, name), b"is no name of a backup in ")):
            done = self.backup("rekey", word, "--key-file", self.key, "--new-passphrase",
                               data=b"x\n", status=2)
            self.assertIn(why, done.stderr)


class Terminal(BackupCase):
    def on_terminal(self, *words):
        """What is shown to a person, and the exit status."""
        main, side = pty.openpty()
        with subprocess.Popen([os.path.join(BIN, "dum-backup"), "--config", self.config, *words],
                              stdout=side, stderr=side) as program:
            os.close(side)
            shown = b""
            try:
                while piece := os.read(main, 4096):
                    shown += piece
            except OSError:     # nobody has the other side any more
                pass
        os.close(main)
        return shown, program.returncode

    def test_what_takes_long_shows_how_far_it_is(self):
        name = self.create()
        for words, what in ((("create",), b"backing up"), (("verify", name), b"verifying"),
                            (("restore", name, "--confirm"), b"restoring")):
            shown, status = self.on_terminal(*words)
            self.assertEqual(status, 0, shown)
            self.assertRegex(shown, what + rb" +\d+ %")

    def test_no_database_is_written_to_it(self):
        shown, status = self.on_terminal("cat", self.create())
        self.assertEqual(status, 2)
        self.assertIn(b"> copy.db", shown)
        self.assertNotIn(b"SQLite format", shown)


class Broken(BackupCase):
    """Ended in the middle by who started it, or because nobody reads on.

    Seen to fail with interrupt_begin() of tools/interrupt.c doing nothing: half a
    backup stays, and a plain database of an encrypted one.
    """

    rows = 60000

    def left(self):
        return [n for n in os.listdir(self.backups) if ".partial" in n]

    def break_off(self, number, *words, **more):
        """The result of a command that gets a signal once it has begun a file."""
        with subprocess.Popen([os.path.join(BIN, "dum-backup"), "--config", self.config, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more) as program:
            until = time.monotonic() + 30
            while not self.left() and program.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            self.assertNotEqual(self.left(), [])
            program.send_signal(number)
            _, said = program.communicate(timeout=60)
        return program.returncode, said

    def test_what_was_begun_goes_with_a_program_that_is_broken_off(self):
        self.create()
        before = sorted(os.listdir(self.backups))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                status, said = self.break_off(number, "create", "--throttle", "1")
                self.assertEqual(status, -number)
                self.assertEqual(said, b"dum-backup: broken off; the files that it had half"
                                       b" written to the folder of the backups were removed\n")
                self.assertEqual(sorted(os.listdir(self.backups)), before)
        self.create()

    def test_a_program_that_is_broken_off_ends_where_nobody_hears_of_it(self):
        # As in "dum-backup create 2>&1 | tee log": Ctrl-C ends tee first.
        self.create()
        nobody, told = os.pipe()
        with subprocess.Popen([os.path.join(BIN, "dum-backup"), "--config", self.config,
                               "create", "--throttle", "1"],
                              stdout=subprocess.DEVNULL, stderr=told) as program:
            os.close(told)
            os.close(nobody)
            until = time.monotonic() + 30
            while not self.left() and program.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            program.send_signal(signal.SIGINT)
            try:
                self.assertEqual(program.wait(30), -signal.SIGINT)
            finally:
                program.kill()
        self.assertEqual(self.left(), [])
        self.create()

    def test_nothing_unpacked_stays_when_nobody_reads_on(self):
        name = self.create("--key-file", self.key)
        words = ["extract", name, "--key-file", self.key, "--from", "2020-01-01",
                 "--until", "2030-01-01", "--csv"]
        with subprocess.Popen([os.path.join(BIN, "dum-backup"), "--config", self.config, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
            self.assertEqual(program.stdout.readline(), b"date,location,usage_gb\n")
            program.stdout.close()
            self.assertEqual(program.stderr.read(), b"")
            self.assertEqual(program.wait(60), -signal.SIGPIPE)
        self.assertEqual(self.left(), [])

    def test_a_signal_that_was_ignored_before_still_is(self):
        status, said = self.break_off(
            signal.SIGHUP, "create", "--throttle", "4",
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual((status, said), (0, b""))
        self.assertEqual(len(self.listed()), 1)


class Locking(BackupCase):
    def test_the_second_is_told_who_holds_the_folder(self):
        first = subprocess.Popen(
            [os.path.join(BIN, "dum-backup"), "--config", self.config, "create",
             "--throttle", "1"], stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(os.path.join(self.backups, "backup.lock")) or \
                    not any(n.endswith(".partial") for n in os.listdir(self.backups)):
                self.assertIsNone(first.poll())
            done = self.backup("create", status=75)
            self.assertIn(b"dum-backup create (process %d)" % first.pid,
                          done.stderr)
        finally:
            first.wait()
        self.assertEqual(first.returncode, 0)
        self.assertEqual(len(self.listed()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=1)

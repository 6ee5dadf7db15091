"""dum-backup sync: copies in a folder of another disk, and wherever rclone gets.

What is there is looked at past our own programs; a copy has to be as good as
what it is a copy of: the folder, taken as DATABASE_BACKUP_DIR, has to prove.

Shown to fail: with the look for the sentinel in lib/backup/remote_folder.c taken
as found, copies go to a folder whose disk is not mounted.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

from backup_case import BIN, BackupCase

SENTINEL = "data-usage-monitor-copies"


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class SyncCase(BackupCase):
    rows = 500
    target = "usb"

    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(self.path("usb"))
        self.set_target(self.place)
        if self.target == "usb":
            self.backup("sync", "--prepare")

    def set_target(self, target, *more):
        with open(self.config, "r", encoding="utf-8") as f:
            lines = [line for line in f if not line.startswith("SYNC_")]
        with open(self.config, "w", encoding="utf-8") as f:
            f.writelines([*lines, f"SYNC_TARGET={target}\n", *(f"{m}\n" for m in more)])

    def sync(self, *args, status=0, **more):
        done = self.backup("sync", "--json", *args, status=status, **more)
        return json.loads(done.stdout)

    def files(self, place=None):
        """Names there and their hashes."""
        place = place or self.place
        return {str(p.relative_to(place)): sha256(p) for p in place.rglob("*")
                if p.is_file() and p.name != SENTINEL}

    def here(self):
        """What is to be there, were all kept."""
        found = {}
        for path in pathlib.Path(self.backups).rglob("*"):
            name = str(path.relative_to(self.backups))
            if path.is_file() and (name.startswith("data_usage_") or
                                   name.startswith("journal/journal_")):
                found[name] = sha256(path)
        return found

    def prove(self, folder):
        """The copies as a folder of backups: all of them verify, none is missing."""
        self.backup("verify", "--all", "--level", "3", "--key-file", self.key,
                    env={"DATABASE_BACKUP_DIR": str(folder)})
        listed = json.loads(self.backup(
            "list", "--json", env={"DATABASE_BACKUP_DIR": str(folder)}).stdout)
        self.assertEqual([e["note"] for e in listed if e["note"]], [])
        return listed


class Folder(SyncCase):
    def test_all_that_is_here_is_there_and_is_as_good(self):
        self.create()
        self.create("--name", "kept", "--with-config", "--key-file", self.key)
        self.backup("ship")
        told = self.sync()
        self.assertEqual(self.files(), self.here())
        self.assertEqual((told["copied"], told["backups"], told["problems"]), (6, 2, 0))
        copy = pathlib.Path(self.path("copy"))
        shutil.copytree(self.place, copy)
        self.assertEqual(len(self.prove(copy)), 2)
        for path in self.place.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_what_is_there_is_not_sent_again(self):
        self.create()
        self.backup("ship")
        self.sync()
        before = {p: p.stat().st_ino for p in self.place.rglob("*")}
        self.assertEqual(self.sync()["copied"], 0)
        self.assertEqual({p: p.stat().st_ino for p in self.place.rglob("*")}, before)
        name = self.create()
        files = [f["file"] for f in self.sync()["files"]]
        self.assertEqual(files, [name, name + ".json"])

    def test_what_was_known_of_the_place_can_be_lost(self):
        self.create()
        self.create()
        self.sync()
        shutil.rmtree(self.path("backups/offsite"))
        self.assertEqual(self.sync()["copied"], 0)

    def test_a_verification_goes_after_by_its_manifest_alone(self):
        name = self.create()
        self.sync()
        self.backup("verify", name, "--level", "3")
        self.assertEqual([f["file"] for f in self.sync()["files"]], [name + ".json"])
        self.assertEqual(self.files(), self.here())

    def test_another_key_goes_after(self):
        name = self.create("--with-config", "--key-file", self.key)
        self.sync()
        other = self.path("other.key")
        pathlib.Path(other).write_text("ab" * 32 + "\n")
        os.chmod(other, 0o600)
        self.backup("rekey", name, "--key-file", self.key, "--new-key-file", other)
        told = self.sync()
        self.assertEqual([f["file"] for f in told["files"]],
                         [name, name + ".conf", name + ".json"])
        self.assertEqual(self.files(), self.here())
        self.assertEqual(self.sync("--verify-remote")["problems"], 0)

    def test_the_journal_follows_as_it_grows_and_is_sealed(self):
        self.create()
        self.backup("ship")
        self.sync()
        opened = [n for n in self.files() if n.endswith(".open")]
        self.assertEqual(len(opened), 1)
        self.program("dum-admin", "location", "add", "another")
        self.backup("ship")
        self.assertEqual([f["file"] for f in self.sync()["files"]], opened)
        self.assertEqual(self.files(), self.here())
        self.backup("ship", "--seal")
        told = self.sync()
        self.assertEqual([(f["action"], f["file"].endswith(".open")) for f in told["files"]],
                         [("copy", False), ("remove", True)])
        self.assertEqual(self.files(), self.here())

    def test_without_the_sentinel_nothing_is_written_there(self):
        self.create()
        for spoil in (lambda: (self.place / SENTINEL).unlink(), lambda: self.place.rmdir()):
            spoil()
            done = self.backup("sync", status=1)
            self.assertIn(b"mounted", done.stderr)
            self.assertEqual(list(self.place.glob("*")) if self.place.exists() else [], [])
        self.backup("sync", "--prepare")
        self.sync()

    def test_prepare_makes_no_tree_for_a_name_that_is_wrong(self):
        self.set_target(self.path("no/such/place"))
        told = self.backup("sync", "--prepare", status=1).stderr
        self.assertIn(b"what it is to lie in is missing; is its disk mounted?", told)
        self.assertFalse(os.path.exists(self.path("no")))

    def test_a_dry_run_tells_and_writes_nothing_there(self):
        name = self.create()
        told = self.sync("--dry-run")
        self.assertEqual([f["file"] for f in told["files"]], [name, name + ".json"])
        self.assertEqual(self.files(), {})
        self.assertIn(b"would copy " + name.encode(), self.backup("sync", "--dry-run").stdout)

    def test_another_run_is_told_who_is_at_it(self):
        self.create()
        os.makedirs(self.path("backups/offsite"), mode=0o700, exist_ok=True)
        lock = self.path("backups/offsite/backup.lock")
        holder = subprocess.Popen(["flock", lock, "sleep", "30"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.terminate)
        while subprocess.run(["flock", "-n", lock, "true"], check=False).returncode == 0:
            time.sleep(0.02)
        done = self.backup("sync", status=75)
        self.assertIn(b"is at work", done.stderr)

    def test_no_target_and_no_backups_are_told(self):
        self.assertIn(b"no backup", self.backup("sync", status=1).stderr)
        self.set_target("")
        self.assertIn(b"SYNC_TARGET", self.backup("sync", status=2).stderr)
        for bad in ("relative/folder", "--config:x", ":sftp,pass=secret:x", "nas"):
            self.set_target(bad)
            done = self.backup("sync", status=2)
            self.assertIn(b"SYNC_TARGET", done.stderr)

    def test_a_damaged_backup_is_not_copied_over_a_good_one(self):
        good, bad = self.create(), self.create()
        self.sync()
        before = self.files()
        for name in (good, bad):
            os.unlink(self.path(f"backups/offsite/{name}.json"))
        path = self.path("backups/" + bad)
        data = bytearray(pathlib.Path(path).read_bytes())
        data[len(data) // 2] ^= 1
        pathlib.Path(path).write_bytes(data)
        (self.place / bad).unlink()
        done = self.backup("sync", status=4)
        self.assertIn(bad.encode(), done.stderr)
        self.assertNotIn(bad, self.files())
        self.assertEqual(self.files()[good], before[good])
        self.assertEqual([n for n in self.files() if n.endswith(".partial")], [])

    def test_what_is_damaged_there_is_found_and_sent_again(self):
        one = self.create("--with-config", "--key-file", self.key)
        two = self.create()
        self.backup("ship", "--seal")
        self.sync("--verify-remote")
        segment = next(n for n in self.files() if n.startswith("journal/"))
        for name, status in ((one, 4), (one + ".conf", 4), (two, 5), (two + ".json", 4),
                             (segment, 4)):
            with self.subTest(name):
                path = self.place / name
                data = bytearray(path.read_bytes())
                if status == 5:
                    del data[-10:]
                else:
                    data[len(data) // 2] ^= 4
                path.write_bytes(data)
                if status == 5:
                    # Its size tells: it is sent again without being read.
                    self.assertEqual(self.sync("--dry-run", "--verify-remote",
                                               status=5)["problems"], 1)
                else:
                    self.sync("--verify-remote", status=status)
                self.sync()
                self.assertEqual(self.sync("--verify-remote")["problems"], 0)
                self.assertEqual(self.files(), self.here())

    def test_a_place_with_another_database_is_left_alone(self):
        """Two machines that back up at one time give one name."""
        self.create()
        self.sync()
        before = self.files()
        other = Folder("test_a_place_with_another_database_is_left_alone")
        other.setUp()
        self.addCleanup(other.doCleanups)
        other.create()
        other.set_target(self.place)
        self.assertIn(b"another database", other.backup("sync", status=1).stderr)
        self.assertEqual(self.files(), before)

    def test_files_that_are_not_ours_stay(self):
        notes = [self.place / "data_usage_notes.txt",
                 self.place / "data_usage_backup_20200101_000000.db.gz.12345678.partial"]
        for path in notes:
            path.write_text("mine")
        self.create()
        self.sync()
        self.assertTrue(all(path.exists() for path in notes))

    def test_progress_is_shown_on_a_terminal_alone(self):
        self.create()
        self.assertEqual(self.backup("sync").stderr, b"")
        done = subprocess.run(
            ["script", "-qec", f"{BIN}/dum-backup --config {self.config} sync", "/dev/null"],
            capture_output=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done)


class Retention(SyncCase):
    """Backups of many days, by a clock that is moved."""

    def at(self, day, *args, status=0, command="create"):
        done = self.program("dum-backup", command, "--json", *args, status=status,
                            wrap=("faketime", "-f", f"@2026-{day} 12:00:00"),
                            env={"NO_FAKE_STAT": "1", "TZ": "UTC"})
        return json.loads(done.stdout) if done.stdout else None

    def sync_at(self, day, *args, status=0):
        return self.at(day, *args, status=status, command="sync")

    def backups_there(self):
        return sorted(n for n in self.files() if n.endswith(".db.gz"))

    def test_there_is_kept_what_the_settings_of_the_place_say(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_RETENTION_DAYS=3\nBACKUP_MAX_COUNT=2\n")
        self.set_target(self.place, "SYNC_RETENTION_DAYS=5", "SYNC_MAX_COUNT=10",
                        "SYNC_KEEP_MONTHLY=2")
        made = {}
        for day in ("09-01", "09-30", "10-01", "10-02", "10-03", "10-04", "10-05"):
            args = ("--name", "labelled") if day == "10-01" else ()
            made[day] = self.at(day, *args)["file"]
            self.sync_at(day)
        self.assertEqual(len([e for e in self.listed() if e["file"].endswith(".gz")]), 3)
        self.assertEqual(self.backups_there(), sorted(
            made[d] for d in ("09-30", "10-01", "10-02", "10-03", "10-04", "10-05")))
        made["10-20"] = self.at("10-20")["file"]
        told = self.sync_at("10-20")
        self.assertIn(made["10-02"], [f["file"] for f in told["files"]])
        self.assertEqual(self.backups_there(),
                         sorted(made[d] for d in ("09-30", "10-01", "10-20")))
        # The chain of what is left there has no hole.
        copy = pathlib.Path(self.path("copy"))
        shutil.copytree(self.place, copy)
        self.assertEqual(len(self.prove(copy)), 3)
        self.assertEqual(self.sync_at("10-20")["copied"], 0)

    def test_the_newest_proven_one_stays_and_segments_that_lead_from_it(self):
        name = self.at("01-01")["file"]
        self.backup("ship", "--seal")
        self.set_target(self.place, "SYNC_RETENTION_DAYS=1", "SYNC_MAX_COUNT=1")
        self.sync_at("10-01")
        self.assertEqual(self.backups_there(), [name])
        self.program("dum-admin", "location", "add", "one")
        self.backup("ship", "--seal")
        last = self.manifest(name)["backup"]["journal"]["id"]
        self.sync_at("10-01")
        self.assertEqual(
            [n for n in self.files() if n.startswith("journal/")],
            [n for n in self.here() if n.startswith("journal/") and
             int(n.rsplit("-", 1)[1].split(".")[0]) > last])

    def test_nothing_goes_while_the_clock_is_wrong(self):
        for day in ("10-01", "10-02", "10-03"):
            self.at(day)
        self.sync_at("10-03")
        self.set_target(self.place, "SYNC_MAX_COUNT=1")
        name = self.at("09-01")["file"]
        done = self.program("dum-backup", "sync", status=1,
                            wrap=("faketime", "-f", "@2026-09-02 12:00:00"),
                            env={"NO_FAKE_STAT": "1", "TZ": "UTC"})
        self.assertIn(b"clock", done.stderr)
        self.assertEqual(len(self.backups_there()), 4)
        self.assertIn(name, self.backups_there())
        self.sync_at("10-04")
        self.assertEqual(len(self.backups_there()), 1)

    def test_copies_that_are_old_are_told(self):
        self.create()
        done = self.program("dum-verify", "--json", status=1)
        self.assertIn("never copied", done.stdout.decode())
        self.sync()
        self.program("dum-verify", "--json")
        self.assertIn("the copies in", self.program("dum-admin", "doctor").stdout.decode())
        ledger = pathlib.Path(self.path("backups/offsite/sync.json"))
        known = json.loads(ledger.read_text())
        known["synced_at"] -= 50 * 3600
        ledger.write_text(json.dumps(known))
        self.assertIn("50 hours old", self.program("dum-verify", status=1).stdout.decode())
        self.assertRegex(self.program("dum-admin", "doctor").stdout.decode(),
                         r"warning +copies")


class Room(SyncCase):
    """The place is a small disk: a tmpfs in a mount namespace of its own."""
    rows = 40000

    def test_a_place_that_is_full_is_told_and_shows_nothing_half_done(self):
        self.create()
        become = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        script = (f'mount -t tmpfs -o size=300k,mode=700 tmpfs "$1" || exit 99\n'
                  f'sync="{BIN}/dum-backup --config $2 sync"\n'
                  '$sync >/dev/null; echo $?\n$sync --prepare >/dev/null\n'
                  '$sync >/dev/null; echo $?\nls "$1"\n'
                  'mount -o remount,size=9m "$1"\n$sync >/dev/null; echo $?\nls "$1" | wc -l\n')
        done = subprocess.run(["unshare", "--mount", *become, "sh", "-c", script, "sh",
                               self.place, self.config],
                              capture_output=True, check=False, text=True)
        self.assertEqual(done.stdout.split(), ["1", "1", SENTINEL, "0", "3"], done.stderr)
        self.assertIn("mounted", done.stderr)
        self.assertIn("No space left", done.stderr)


@unittest.skipUnless(shutil.which("rclone"), "scripts/deps --test installs rclone")
class Rclone(SyncCase):
    target = "rclone"

    def setUp(self):
        super().setUp()
        self.rclone_config = pathlib.Path(self.path("rclone.conf"))
        self.place.mkdir()
        self.write_remotes(f"[far]\ntype = alias\nremote = {self.place}\n")
        self.set_far()

    def write_remotes(self, text):
        self.rclone_config.write_text(text)
        self.rclone_config.chmod(0o600)

    def set_far(self, *more):
        self.set_target("far:copies", f"SYNC_RCLONE_CONFIG={self.rclone_config}", *more)

    def there(self):
        return self.files(self.place / "copies")

    def test_it_is_the_same_by_way_of_rclone(self):
        self.create()
        name = self.create("--with-config", "--key-file", self.key)
        self.backup("ship")
        self.assertEqual(self.sync("--verify-remote")["problems"], 0)
        self.assertEqual(self.there(), self.here())
        self.assertEqual(self.sync()["copied"], 0)
        self.backup("verify", name, "--key-file", self.key, "--level", "3")
        self.backup("ship", "--seal")
        self.sync()
        self.assertEqual(self.there(), self.here())
        self.set_far("SYNC_MAX_COUNT=1")
        self.assertEqual(self.sync()["backups"], 1)
        self.assertEqual([n for n in self.there() if n.endswith((".gz", ".enc"))], [name])

    def test_what_is_damaged_there_is_found_and_sent_again(self):
        name = self.create()
        self.sync()
        path = self.place / "copies" / name
        data = bytearray(path.read_bytes())
        data[100] ^= 1
        path.write_bytes(data)
        self.sync("--verify-remote", status=4)
        self.sync()
        self.assertEqual(self.there(), self.here())

    def test_a_remote_that_is_not_there_is_told_in_its_own_words(self):
        self.create()
        self.set_target("absent:copies", f"SYNC_RCLONE_CONFIG={self.rclone_config}")
        done = self.backup("sync", status=1)
        self.assertIn(b"rclone", done.stderr)
        self.assertIn(b"absent", done.stderr)

    def test_without_rclone_it_is_said_what_to_install(self):
        self.create()
        done = self.backup("sync", status=1, env={"PATH": self.path("nowhere")})
        self.assertIn(b"apt-get install rclone", done.stderr)

    @contextlib.contextmanager
    def served(self, kind, *options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            ["rclone", "serve", kind, "--addr", f"127.0.0.1:{port}", *options, self.place],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "RCLONE_CONFIG": str(self.rclone_config)})
        try:
            for _ in range(200):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                time.sleep(0.05)
            yield port
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()

    def test_it_goes_over_webdav_and_a_server_that_goes_away_is_told(self):
        name = self.create()
        with self.served("webdav") as port:
            self.write_remotes(f"[far]\ntype = webdav\nvendor = other\n"
                               f"url = http://127.0.0.1:{port}/\n")
            self.assertEqual(self.sync("--verify-remote")["problems"], 0)
            self.assertEqual(self.there(), self.here())
        self.create()
        before = self.there()
        # It would be asked again for minutes.
        done = self.backup("sync", status=1, env={"RCLONE_LOW_LEVEL_RETRIES": "1",
                                                  "RCLONE_RETRIES": "1"})
        self.assertIn(b"rclone", done.stderr)
        self.assertEqual(self.there(), before)
        self.assertIn(name, before)

    def test_it_goes_over_sftp(self):
        self.create()
        with self.served("sftp", "--user", "u", "--pass", "p") as port:
            obscured = subprocess.run(["rclone", "obscure", "p"], capture_output=True,
                                      check=True, text=True).stdout.strip()
            self.write_remotes(f"[far]\ntype = sftp\nhost = 127.0.0.1\nport = {port}\n"
                               f"user = u\npass = {obscured}\nshell_type = none\n")
            self.sync()
            self.create()
            self.sync()
            self.assertEqual(self.there(), self.here())


if __name__ == "__main__":
    unittest.main(verbosity=1)

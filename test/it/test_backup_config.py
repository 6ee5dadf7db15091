"""The configuration that goes along with a backup, and the way to a new
machine: with a copy of the backups and the key, and nothing else, all goes on.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import time
import unittest

import container
from backup_case import KEY, BackupCase

PASSPHRASE = "seven grey herons wade"


class ConfigCase(BackupCase):
    rows = 200

    def setUp(self):
        super().setUp()
        self.cron = self.path("cron-entry")
        pathlib.Path(self.cron).write_text("# schedule: daily\n")
        self.rclone = self.path("rclone.conf")
        pathlib.Path(self.rclone).write_text("[far]\ntype = alias\nremote = /tmp\n")
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"AUDIT_ANCHOR_FILE={self.path('anchors.log')}\n"
                    f"SYNC_RCLONE_CONFIG={self.rclone}\n")
        self.program("dum-admin", "audit", "anchor")

    def make(self, *args):
        return self.create("--with-config", "--cron-file", self.cron, *args)

    def restore(self, name, *args, status=0, **more):
        return self.backup("restore-config", name, "--cron-file", self.cron, *args,
                           status=status, **more)

    def members(self, data):
        """{path: (mode, bytes)} of a tar, by Python's own reader."""
        path = self.path("config.tar")
        pathlib.Path(path).write_bytes(data)
        with tarfile.open(path) as tar:
            return {"/" + m.name: (m.mode, tar.extractfile(m).read()) for m in tar}

    def stored(self, name):
        return pathlib.Path(self.backups, name + ".conf").read_bytes()

    @property
    def open_files(self):
        return {self.config, self.cron, self.path("anchors.log")}

    @property
    def secret_files(self):
        return {self.path("secret.key"), self.rclone}


class Form(ConfigCase):
    def test_a_plain_backup_takes_no_secrets_along_and_says_so(self):
        done = self.backup("create", "--json", "--with-config", "--cron-file", self.cron)
        self.assertIn(b"secret keys do not go along", done.stderr)
        name = json.loads(done.stdout)["file"]
        members = self.members(self.stored(name))
        self.assertEqual(set(members), self.open_files)
        for path, (_, data) in members.items():
            self.assertEqual(data, pathlib.Path(path).read_bytes())
        secret = pathlib.Path(self.path("secret.key")).read_bytes().strip()
        for path in pathlib.Path(self.backups).iterdir():
            self.assertNotIn(secret, path.read_bytes())

    def test_an_encrypted_one_takes_the_keys_along_in_a_container(self):
        name = self.make("--key-file", self.key)
        data = self.stored(name)
        self.assertNotIn(b"DATABASE_PATH", data)
        members = self.members(container.decrypt(data, bytes.fromhex(KEY)))
        self.assertEqual(set(members), self.open_files | self.secret_files)
        self.assertEqual(members[self.path("secret.key")][0], 0o600)
        self.assertEqual(members[self.path("secret.key")][1],
                         pathlib.Path(self.path("secret.key")).read_bytes())

    def test_the_manifest_says_what_went_along_and_the_chain_covers_it(self):
        first = self.make("--key-file", self.key)
        second = self.create()
        m = self.manifest(first)
        plain = container.decrypt(self.stored(first), bytes.fromhex(KEY))
        self.assertEqual(m["backup"]["config"], {
            "files": 5, "bytes": len(plain), "sha256": hashlib.sha256(plain).hexdigest()})
        self.assertEqual(m["stored"]["config"], {
            "bytes": len(self.stored(first)),
            "sha256": hashlib.sha256(self.stored(first)).hexdigest()})
        canonical = json.dumps(m["backup"], sort_keys=True, separators=(",", ":"),
                               ensure_ascii=False).encode()
        self.assertEqual(self.manifest(second)["backup"]["previous"]["sha256"],
                         hashlib.sha256(canonical).hexdigest())
        self.assertNotIn("config", self.manifest(second)["backup"])
        self.assertEqual([e["config"] for e in self.listed()], [True, False])

    def test_the_backup_itself_is_what_it_would_be_without(self):
        name = self.make()
        gunzip = subprocess.run(["gunzip", "-c", os.path.join(self.backups, name)],
                                capture_output=True, check=True).stdout
        path = self.path("plain.db")
        pathlib.Path(path).write_bytes(gunzip)
        self.assertEqual(self.integrity(path), "ok")
        self.assertEqual(self.content(path), self.content())

    def test_a_key_that_is_not_there_is_told_and_no_backup_is_made(self):
        os.rename(self.rclone, self.rclone + ".away")
        done = self.backup("create", "--with-config", "--key-file", self.key, status=1)
        self.assertIn(b"settings of rclone", done.stderr)
        self.assertEqual(self.listed(), [])

    def test_verify_finds_every_kind_of_damage_to_it(self):
        plain, sealed = self.make(), self.make("--key-file", self.key)
        for name in (plain, sealed):
            path = pathlib.Path(self.backups, name + ".conf")
            whole = path.read_bytes()
            for level in ("0", "1", "2"):
                check = ("verify", name, "--level", level, "--key-file", self.key)
                self.backup(*check)
                for at in range(0, len(whole), 211):
                    damaged = bytearray(whole)
                    damaged[at] ^= 1 << at % 8
                    path.write_bytes(damaged)
                    done = self.program("dum-backup", *check, status=4)
                    self.assertIn(b".conf", done.stderr)
                path.write_bytes(whole[:-7])
                self.assertIn(self.program_status(*check), (4, 5))
                path.write_bytes(whole)
            os.unlink(path)
            self.backup("verify", name, "--key-file", self.key, status=4)
            self.assertIn("missing", self.note(name))
            path.write_bytes(whole)
            self.backup("verify", name, "--key-file", self.key)

    def program_status(self, *args):
        from backup_case import BIN
        return subprocess.run([os.path.join(BIN, "dum-backup"), "--config", self.config, *args],
                              capture_output=True, check=False).returncode

    def note(self, name):
        listed = json.loads(subprocess.run(
            [os.path.join(os.environ.get("BIN", "build/release/bin"), "dum-backup"),
             "--config", self.config, "list", "--json"], capture_output=True,
            check=False).stdout)
        return next(e for e in listed if e["file"] == name)["note"]

    def test_a_damaged_one_does_not_keep_the_data_from_coming_back(self):
        name = self.make()
        before = self.content()
        pathlib.Path(self.backups, name + ".conf").write_bytes(b"nothing")
        self.change("DELETE FROM daily_usage WHERE id < 50")
        self.backup("restore", name, "--confirm")
        self.assertEqual(self.content(), before)

    def test_rekey_takes_it_along_and_can_be_run_again(self):
        name = self.make("--key-file", self.key)
        other = self.path("other.key")
        pathlib.Path(other).write_text("cd" * 32 + "\n")
        os.chmod(other, 0o600)
        before = container.decrypt(self.stored(name), bytes.fromhex(KEY))
        old = {end: pathlib.Path(self.backups, name + end).read_bytes()
               for end in ("", ".json")}
        rekey = ("rekey", name, "--key-file", self.key, "--new-key-file", other)
        self.backup(*rekey)
        self.assertEqual(container.decrypt(self.stored(name), bytes.fromhex("cd" * 32)), before)
        self.backup("verify", name, "--key-file", other)
        self.backup("verify", name, "--key-file", other, "--level", "0")
        # Cut short behind the first of the two.
        for end, data in old.items():
            pathlib.Path(self.backups, name + end).write_bytes(data)
        self.backup(*rekey)
        self.backup("verify", name, "--key-file", other)

    def test_prune_takes_it_away(self):
        self.make()
        self.create()
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_MAX_COUNT=1\n")
        self.backup("prune")
        self.assertEqual([p.name for p in pathlib.Path(self.backups).glob("*.conf")], [])


class Restore(ConfigCase):
    def test_the_list_names_all_and_writes_nothing(self):
        name = self.make("--key-file", self.key)
        self.restore(name, "--list", status=3)
        told = json.loads(self.restore(name, "--list", "--json", "--key-file", self.key).stdout)
        self.assertEqual({f["path"] for f in told}, self.open_files | self.secret_files)
        self.assertEqual({f["outcome"] for f in told}, {"in it"})

    def test_what_is_the_same_stays_and_what_differs_is_refused(self):
        name = self.make("--key-file", self.key)
        before = pathlib.Path(self.config).read_text()
        inode = os.stat(self.config).st_ino
        done = self.restore(name, "--key-file", self.key)
        self.assertEqual(done.stdout.count(b"same "), 5)
        self.assertEqual(os.stat(self.config).st_ino, inode)
        pathlib.Path(self.config).write_text(before + "# changed\n")
        os.unlink(self.path("secret.key"))
        done = self.restore(name, "--key-file", self.key, status=1)
        self.assertIn(b"differs  " + self.config.encode(), done.stdout)
        self.assertFalse(os.path.exists(self.path("secret.key")))
        done = self.restore(name, "--key-file", self.key, "--force")
        self.assertEqual(pathlib.Path(self.config).read_text(), before)
        kept = [p for p in os.listdir(self.dir) if p.startswith("dum.conf.replaced-")]
        self.assertEqual(len(kept), 1)
        self.assertEqual(pathlib.Path(self.path(kept[0])).read_text(), before + "# changed\n")
        self.assertEqual(os.stat(self.path("secret.key")).st_mode & 0o777, 0o600)

    def test_below_a_folder_with_modes_that_are_safe(self):
        name = self.make("--key-file", self.key)
        place = pathlib.Path(self.path("new"))
        self.restore(name, "--key-file", self.key, "--to", str(place))
        for path in self.open_files | self.secret_files:
            copy = pathlib.Path(str(place) + path)
            self.assertEqual(copy.read_bytes(), pathlib.Path(path).read_bytes())
            self.assertEqual(copy.stat().st_mode & 0o777,
                             0o600 if path in self.secret_files or "anchors" in path else
                             0o640 if path == self.config else 0o644)
        self.assertEqual(place.stat().st_mode & 0o777, 0o700)

    def test_where_files_go_is_not_up_to_who_made_the_tar(self):
        name = self.make()
        path = pathlib.Path(self.backups, name + ".conf")
        os.unlink(os.path.join(self.backups, name + ".json"))
        settings = pathlib.Path(self.config)
        for other in ("etc/cron.d/evil", "../../evil", "/evil", self.config[1:] + "/../evil"):
            evil = self.path("evil.txt")
            pathlib.Path(evil).write_text("* * * * * root true\n")
            with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
                tar.add(settings, self.config)
                info = tar.gettarinfo(evil)
                info.name = other
                with open(evil, "rb") as f:
                    tar.addfile(info, f)
            for more in ((), ("--to", self.path("new")), ("--list",)):
                done = self.restore(name, *more, status=4)
                self.assertNotIn(b"written", done.stdout)
            self.assertFalse(os.path.exists(self.path("new")))
        for spoil in ("link", "elsewhere", "nonsense"):
            with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
                info = tar.gettarinfo(settings, self.config)
                if spoil == "link":
                    info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0
                    tar.addfile(info)
                elif spoil == "elsewhere":
                    tar.add(settings, "etc/elsewhere.conf")
                else:
                    tar.add(self.cron, self.config)
            self.restore(name, status=2 if spoil == "elsewhere" else 4)

    def test_a_backup_without_says_so(self):
        name = self.create()
        self.assertIn(b"--with-config", self.restore(name, status=1).stderr)


class NewMachine(ConfigCase):
    """Keys, chain, accounts, second factors: from a copy of the backups, on a
    machine that has nothing else but the key of the backups."""
    settings = "JOURNAL_SEGMENT_KB=16\n"

    def test_all_goes_on_with_the_backups_and_their_key_alone(self):
        self.program("dum-admin", "user", "add", "ann", "--role", "admin", "--password-stdin",
                     data=(PASSPHRASE + "\n").encode())
        seed = self.program("dum-admin", "user", "list", "--json").stdout
        name = self.make("--key-file", self.key)
        self.backup("ship", "--seal", "--key-file", self.key)
        data, accounts = self.content(), self.query("SELECT name FROM users")
        head = self.query("SELECT max(id) FROM journal")
        # The machine is gone; what was copied elsewhere and the key are not.
        away = self.dir + ".away"
        os.rename(self.dir, away)
        self.addCleanup(shutil.rmtree, away, True)
        os.makedirs(self.dir, mode=0o700)
        shutil.copytree(os.path.join(away, "backups"), self.backups)
        shutil.copy2(os.path.join(away, "backup.key"), self.key)
        path = os.path.join(self.backups, name)
        self.restore(path, "--key-file", self.key)
        done = self.backup("restore", name, "--confirm", "--whole", "--key-file", self.key)
        self.assertIn(b"", done.stdout)
        self.assertEqual(self.content(), data)
        self.assertEqual(self.query("SELECT name FROM users"), accounts)
        self.assertGreaterEqual(self.query("SELECT max(id) FROM journal"), head)
        self.program("dum-admin", "audit", "verify")
        self.assertEqual(json.loads(seed)[0]["name"] if seed.startswith(b"[") else "ann", "ann")
        self.program("dum-verify", "--key-file", self.key)
        # The journal goes on, too.
        self.program("dum-admin", "location", "add", "new_place")
        self.backup("ship", "--key-file", self.key)
        self.program("dum-admin", "audit", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)

"""The configuration that goes along with a backup, and the way to a new
machine: with a copy of the backups and the key, and nothing else, all goes on.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tarfile
import tempfile
import time
import unittest

import container
from backup_case import BIN, KEY, BackupCase
from service import Service, clean_environment

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
        members = self.members(container.read(data, bytes.fromhex(KEY)))
        self.assertEqual(set(members), self.open_files | self.secret_files)
        self.assertEqual(members[self.path("secret.key")][0], 0o600)
        self.assertEqual(members[self.path("secret.key")][1],
                         pathlib.Path(self.path("secret.key")).read_bytes())

    def test_the_manifest_says_what_went_along_and_the_chain_covers_it(self):
        first = self.make("--key-file", self.key)
        second = self.create()
        m = self.manifest(first)
        plain = container.read(self.stored(first), bytes.fromhex(KEY))
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

    def test_a_file_that_is_amiss_is_told_and_does_not_hold_up_the_backup(self):
        os.rename(self.rclone, self.rclone + ".away")
        os.unlink(self.path("anchors.log"))
        done = self.backup("create", "--json", "--with-config", "--cron-file", self.cron,
                           "--key-file", self.key)
        self.assertEqual(done.stderr.count(b"did not go along"), 1)
        self.assertIn(b"settings of rclone", done.stderr)
        self.assertEqual(json.loads(done.stdout)["config_files"], 3)
        self.backup("verify", "--all", "--key-file", self.key)

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
                self.assertIn(self.status_of(*check).returncode, (4, 5))
                path.write_bytes(whole)
            os.unlink(path)
            self.backup("verify", name, "--key-file", self.key, status=4)
            self.assertIn("missing", self.note(name))
            path.write_bytes(whole)
            self.backup("verify", name, "--key-file", self.key)

    def status_of(self, *args):
        return subprocess.run([os.path.join(BIN, "dum-backup"), "--config", self.config, *args],
                              capture_output=True, check=False)

    def note(self, name):
        listed = json.loads(self.status_of("list", "--json").stdout)
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
        before = container.read(self.stored(name), bytes.fromhex(KEY))
        old = {end: pathlib.Path(self.backups, name + end).read_bytes()
               for end in ("", ".json")}
        rekey = ("rekey", name, "--key-file", self.key, "--new-key-file", other)
        self.backup(*rekey)
        self.assertEqual(container.read(self.stored(name), bytes.fromhex("cd" * 32)), before)
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
                    tar.add(self.path("evil.txt"), self.config)
            self.restore(name, status=2 if spoil == "elsewhere" else 4)

    def test_a_backup_without_says_so(self):
        name = self.create()
        self.assertIn(b"--with-config", self.restore(name, status=1).stderr)


@unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
class ByRoot(ConfigCase):
    """What root puts back is whose it has to be."""
    service = 65534     # nobody

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o755)
        for name in [".", *os.listdir(self.dir)]:
            os.chown(self.path(name), self.service, self.service)

    def test_the_service_can_go_on_with_what_root_has_put_back(self):
        name = self.make("--key-file", self.key)
        for path in self.open_files | self.secret_files:
            os.unlink(path)
        self.backup("restore-config", os.path.join(self.backups, name), "--cron-file",
                    self.cron, "--key-file", self.key)
        found = {path: (os.stat(path).st_uid, os.stat(path).st_gid,
                        os.stat(path).st_mode & 0o777)
                 for path in self.open_files | self.secret_files}
        own = (self.service, self.service, 0o600)
        self.assertEqual(found, {
            self.config: (0, self.service, 0o640), self.cron: (0, 0, 0o644),
            self.path("anchors.log"): own, self.path("secret.key"): own, self.rclone: own})
        done = subprocess.run(
            [os.path.join(BIN, "dum-admin"), "--config", self.config, "audit", "verify"],
            capture_output=True, check=False, user=self.service, group=self.service,
            extra_groups=[])
        self.assertEqual(done.returncode, 0, done)

    def test_copies_are_made_as_the_service(self):
        place = pathlib.Path(self.path("usb"))
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"SYNC_TARGET={place}\n")
        self.create()
        self.backup("sync", "--prepare")
        self.backup("sync")
        self.assertEqual({p.stat().st_uid for p in [place, *place.rglob("*")]},
                         {self.service})


def code_of(seed, ahead_s=0):
    """RFC 6238, of a moment from now."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    step = struct.pack(">Q", int(time.time() + ahead_s) // 30)
    digest = hmac.new(key, step, "sha1").digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1000000:06d}"


class NewMachine(unittest.TestCase):
    """Keys, chain, accounts, second factors: from a copy of the backups, on a
    machine that has nothing else but the key of the backups."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dum-move-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.key = self.folder / "backup.key"
        self.key.write_text(KEY + "\n")
        self.key.chmod(0o600)
        self.service = self.a_service()

    def a_service(self):
        service = Service("--workers", "1", folder=self.folder, settings={
            "BACKUP_KEY_FILE": self.folder / "state/backup.key", "TIMEZONE": "UTC",
            "AUDIT_ANCHOR_FILE": self.folder / "state/anchors.log"})
        service.state.mkdir(mode=0o700, exist_ok=True)
        shutil.copy2(self.key, service.state / "backup.key")
        service.start()
        self.addCleanup(service.stop)
        return service

    def ask(self, method, path, body, status, **headers):
        answer = self.service.request(method, path, body, headers, key=None)
        self.assertEqual(answer.status, status, answer)
        return answer

    def log_in(self, status=200, **more):
        return self.ask("POST", "/api/auth/login",
                        {"username": "ada", "password": PASSPHRASE, **more}, status)

    def the_first_admin(self):
        """With a second factor; its seed."""
        link = (self.service.state / "setup-link").read_text().strip()
        answer = self.ask("POST", "/api/auth/setup", {
            "token": link.split("/")[-1], "username": "ada", "password": PASSPHRASE}, 201)
        headers = {"Cookie": answer.headers["Set-Cookie"].split(";")[0],
                   "X-CSRF-Token": answer.json()["csrf_token"]}
        seed = self.ask("POST", "/api/auth/totp", {"password": PASSPHRASE}, 200,
                        **headers).json()["seed"]
        self.ask("POST", "/api/auth/totp/confirm", {"code": code_of(seed)}, 200, **headers)
        return seed

    def backup(self, *args, status=0):
        done = subprocess.run(
            [os.path.join(BIN, "dum-backup"), "--config", self.service.config, *args],
            capture_output=True, check=False, text=True, env=clean_environment())
        self.assertEqual(done.returncode, status, done)
        return done.stdout

    def test_all_goes_on_with_the_backups_and_their_key_alone(self):
        seed = self.the_first_admin()
        key = self.service.key
        self.service.request("POST", "/api/data/locations",
                             {"name": "north", "display_name": "North"})
        self.service.tool("dum-admin", "audit", "anchor")
        name = json.loads(self.backup("create", "--json", "--with-config", "--cron-file",
                                      str(self.folder / "none")))["file"]
        self.backup("ship", "--seal")
        data = self.service.data()
        settings = self.service.config.read_bytes()
        self.service.stop()
        # The machine is gone; what was copied elsewhere and the key are not.
        state = self.service.state
        os.rename(state, self.folder / "gone")
        state.mkdir(mode=0o700)
        shutil.copytree(self.folder / "gone/backups", state / "backups")
        path = str(state / "backups" / name)
        self.backup("restore-config", path, "--cron-file", str(self.folder / "none"),
                    "--key-file", str(self.key))
        self.assertEqual((state / "dum.conf").read_bytes(), settings)
        self.backup("restore", name, "--confirm", "--whole")
        self.service.tool("dum-admin", "audit", "verify")
        self.service.tool("dum-verify")
        self.service = self.a_service()
        self.assertEqual(self.service.data(), data)
        # The password, then the factor, whose seed only the secret key opens.
        self.assertTrue(self.log_in(401).json()["code_required"])
        self.log_in(code=code_of(seed, 30))
        self.assertEqual(self.service.request("GET", "/api/data/locations", key=key).status, 200)
        self.service.request("POST", "/api/data/locations",
                             {"name": "south", "display_name": "South"})
        self.backup("ship")
        self.service.tool("dum-admin", "audit", "verify")

    def test_without_the_secret_key_the_factor_can_not_be_read(self):
        """What the test above would miss, were the key not what matters."""
        seed = self.the_first_admin()
        name = json.loads(self.backup("create", "--json"))["file"]
        self.service.stop()
        state = self.service.state
        os.rename(state, self.folder / "gone")
        self.service = self.a_service()
        for end in ("", ".json"):
            shutil.copy2(self.folder / "gone/backups" / (name + end), state / "backups")
        self.backup("restore", name, "--confirm", "--whole")
        self.log_in(503, code=code_of(seed, 30))


if __name__ == "__main__":
    unittest.main(verbosity=1)

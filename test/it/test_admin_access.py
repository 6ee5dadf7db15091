"""dum-admin user and key: who may get in. Passwords go over a real terminal
(a pty) or standard input; that a hash is of a password is checked by the
reference implementation of Argon2, a key by Python's own hashes."""

import base64
import datetime
import fcntl
import hashlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import unittest
import zoneinfo

from admin_fixture import BIN, PASSWORD, AdminCase

OTHER = "tréize chevaux bleus 13"


def is_password(phc, password):
    """By libargon2, in the Python of the system."""
    code = ("import sys, argon2, argon2.exceptions as e\n"
            "phc, password = sys.stdin.read().split('\\n')\n"
            "try: argon2.PasswordHasher().verify(phc, password)\n"
            "except e.VerifyMismatchError: sys.exit(1)\n")
    done = subprocess.run(["/usr/bin/python3", "-c", code], text=True,
                          input=phc + "\n" + password, check=False,
                          encoding="utf-8", env={"LC_ALL": "C.UTF-8"})
    assert done.returncode in (0, 1), done
    return done.returncode == 0


class Terminal:
    """A program that has a pty for its standard input and controlling terminal."""

    def __init__(self, case, *args):
        self.master, slave = pty.openpty()

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            # As for who sits at it, also where the tests run in the
            # background, and ignore what a keyboard sends.
            for number in (signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)

        self.process = subprocess.Popen(
            [os.path.join(BIN, "dum-admin"), *args], stdin=slave,
            stdout=subprocess.PIPE, stderr=slave, preexec_fn=own_terminal,
            env=case.environment(), cwd=case.dir)
        self.slave = slave
        self.seen = ""
        case.addCleanup(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self.slave)
        os.close(self.master)

    def wait_for(self, text, count=1):
        """Read what the terminal shows until the text has come so often."""
        end = time.monotonic() + 30
        while self.seen.count(text) < count:
            assert time.monotonic() < end, self.seen
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 4096).decode()

    def has_echo(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Exit status, stdout, and all that the terminal showed."""
        status = self.process.wait(30)
        while select.select([self.master], [], [], 0.2)[0]:
            self.seen += os.read(self.master, 4096).decode()
        return status, self.process.stdout.read().decode(), self.seen


class Case(AdminCase):
    def setUp(self):
        super().setUp()
        self.init()

    def users(self):
        return {u["username"]: u for u in self.json("user", "list")}

    def hash_of(self, name):
        return self.query("SELECT password_hash FROM users WHERE username = ?", name)[0][0]

    def change(self, sql, *args):
        with self.open_database("rw") as db:
            db.execute(sql, args)

    def give_session(self, name):
        """A session as dum-api would have started it."""
        now = int(time.time())
        self.change("INSERT INTO sessions (user_id, token_hash, created_at, seen_at,"
                    " expires_at, address, agent) SELECT id, randomblob(32), ?, ?, ?,"
                    " '192.0.2.1', 'test' FROM users WHERE username = ?",
                    now, now, now + 3600, name)

    def sessions(self):
        return self.query("SELECT count(*) FROM sessions")[0][0]

    def stored(self):
        """All bytes of all files of the state but the key."""
        text = b""
        for name in os.listdir(self.path("state")):
            path = self.path("state", name)
            if name != "secret.key" and os.path.isfile(path):
                with open(path, "rb") as f:
                    text += f.read()
        return text


class Passwords(Case):
    def test_typed_twice_without_echo(self):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        self.assertFalse(t.has_echo())
        t.type(PASSWORD + "\n")
        t.wait_for("once more: ")
        self.assertFalse(t.has_echo())
        t.type(PASSWORD + "\n")
        status, out, seen = t.end()
        self.assertEqual(status, 0, seen)
        self.assertIn("alice\teditor", out)
        self.assertNotIn("horse", seen)
        self.assertTrue(t.has_echo())
        self.assertTrue(is_password(self.hash_of("alice"), PASSWORD))
        self.assertFalse(is_password(self.hash_of("alice"), PASSWORD + "!"))

    def test_two_that_differ_change_nothing(self):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        t.type(PASSWORD + "\n")
        t.wait_for("once more: ")
        t.type(PASSWORD.upper() + "\n")
        status, out, seen = t.end()
        self.assertEqual((status, out), (2, ""))
        self.assertIn("not the same", seen)
        self.assertNotIn("horse", seen.lower())
        self.assertEqual(self.users(), {})
        self.assertTrue(t.has_echo())

    def test_nothing_or_too_much_typed_is_refused(self):
        for typed, says in (("\n", "no password"), ("\x04", "no password"),
                            ("x" * 600 + "\n", "longer than 128")):
            t = Terminal(self, "user", "add", "alice", "--role", "editor")
            t.wait_for("New password of alice: ")
            t.type(typed)
            status, _, seen = t.end()
            self.assertEqual(status, 2, seen)
            self.assertIn(says, seen)
            self.assertTrue(t.has_echo())
        self.assertEqual(self.users(), {})

    def test_a_short_one_typed_twice_is_refused(self):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        t.type("short\n")
        t.wait_for("once more: ")
        t.type("short\n")
        status, _, seen = t.end()
        self.assertEqual(status, 2)
        self.assertIn("at least 12", seen)

    def interrupted(self, send, number):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        self.assertFalse(t.has_echo())
        send(t)
        status, _, _ = t.end()
        self.assertEqual(status, -number)
        self.assertTrue(t.has_echo())
        self.assertEqual(self.users(), {})

    def test_signals_put_the_echo_back_before_they_end_it(self):
        self.interrupted(lambda t: t.type("half a passw\x03"), signal.SIGINT)
        self.interrupted(lambda t: t.process.terminate(), signal.SIGTERM)
        self.interrupted(lambda t: t.process.send_signal(signal.SIGHUP), signal.SIGHUP)
        self.interrupted(lambda t: t.type("half\x1c"), signal.SIGQUIT)

    def test_stopped_and_continued_it_asks_anew(self):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        t.process.send_signal(signal.SIGTSTP)
        # An orphaned group is not stopped by the terminal; either way it has
        # let go of the terminal and asks again.
        time.sleep(0.1)
        t.process.send_signal(signal.SIGCONT)
        t.wait_for("New password of alice: ", 2)
        self.assertFalse(t.has_echo())
        t.type(PASSWORD + "\n")
        t.wait_for("once more: ")
        t.type(PASSWORD + "\n")
        self.assertEqual(t.end()[0], 0)
        self.assertTrue(is_password(self.hash_of("alice"), PASSWORD))

    def test_from_standard_input_the_first_line(self):
        for name, data in (("a1", PASSWORD + "\n"), ("a2", PASSWORD),
                           ("a3", PASSWORD + "\r\nmore\n")):
            self.admin("user", "add", name, "--role", "viewer", data=data)
            self.assertTrue(is_password(self.hash_of(name), PASSWORD), name)
        self.admin("user", "add", "a4", "--role", "viewer", data=OTHER + "\n")
        self.assertTrue(is_password(self.hash_of("a4"), OTHER))

    def test_passwords_against_the_rules_are_refused(self):
        for data, says in (("", "no password"), ("\n" + PASSWORD, "no password"),
                           ("elevenchars\n", "12"), ("x" * 129 + "\n", "128"),
                           ("x" * 600 + "\n", "128"),
                           ("twelve\0chars!\n", "NUL"),
                           ("bad utf-8 \udcff\udcfe here\n", "")):
            done = subprocess.run(
                [os.path.join(BIN, "dum-admin"), "user", "add", "bob",
                 "--role", "viewer"], input=data.encode("utf-8", "surrogateescape"),
                capture_output=True, env=self.environment(), check=False)
            self.assertEqual(done.returncode, 2, (data, done))
            self.assertIn(says.encode(), done.stderr)
        for password in ("password1234", "PassWord1234", "123456789012",
                         "bob-bob-bob-bob", "qwertyuiop12"):
            done = self.admin("user", "add", "bob-bob", "--role", "viewer",
                              data=password + "\n", status=2)
            self.assertNotIn(password, done.stderr)
        self.assertEqual(self.users(), {})

    def test_a_taken_name_is_told_before_the_password_is_asked_for(self):
        self.add_user("alice")
        t = Terminal(self, "user", "add", "Alice", "--role", "viewer")
        status, _, seen = t.end()
        self.assertEqual(status, 1)
        self.assertIn("there is an account alice already", seen)
        self.assertNotIn("New password", seen)

    def test_a_password_shows_nowhere(self):
        t = Terminal(self, "user", "add", "alice", "--role", "editor")
        t.wait_for("New password of alice: ")
        t.type(PASSWORD + "\n")
        t.wait_for("once more: ")
        listed = subprocess.run(["ps", "-efww"], capture_output=True, text=True,
                                check=True).stdout
        self.assertIn("user add alice", listed)
        self.assertNotIn(PASSWORD, listed)
        with open("/proc/%d/environ" % t.process.pid, "rb") as f:
            self.assertNotIn(PASSWORD.encode(), f.read())
        t.type(PASSWORD + "\n")
        status, out, seen = t.end()
        self.assertEqual(status, 0)
        self.assertNotIn("horse", out + seen)
        self.assertNotIn(PASSWORD.encode(), self.stored())
        self.assertNotIn(self.hash_of("alice"),
                         str(self.query("SELECT before, after FROM journal")))

    def test_passwd_gives_another_and_ends_sessions(self):
        self.add_user("alice", "admin")
        self.add_user("bob", "admin")
        self.give_session("alice")
        self.give_session("bob")
        self.admin("user", "passwd", "alice", data=OTHER + "\n")
        self.assertTrue(is_password(self.hash_of("alice"), OTHER))
        self.assertFalse(is_password(self.hash_of("alice"), PASSWORD))
        self.assertTrue(is_password(self.hash_of("bob"), PASSWORD))
        self.assertEqual(self.sessions(), 1)
        self.refused("at least 12", "user", "passwd", "alice", data="no\n")
        self.assertTrue(is_password(self.hash_of("alice"), OTHER))


class Users(Case):
    def test_names_are_lower_case_and_listed_in_order(self):
        self.add_user("Zoe")
        self.add_user("alice", "admin")
        self.add_user("bob@example.org", "editor")
        self.assertEqual(list(self.users()), ["alice", "bob@example.org", "zoe"])
        lines = self.admin("user", "list").stdout.splitlines()
        self.assertEqual([l.split("\t")[1:4] for l in lines], [
            ["alice", "admin", "active"], ["bob@example.org", "editor", "active"],
            ["zoe", "viewer", "active"]])

    def test_json_has_the_members_of_the_api(self):
        one = self.add_user("alice", "editor")
        self.assertEqual(list(one), ["id", "username", "role", "is_active", "totp",
                                     "locations", "created_at", "last_login_at"])
        self.assertEqual((one["id"], one["totp"], one["locations"],
                          one["last_login_at"]), (1, False, None, None))
        self.assertRegex(one["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_limited_to_locations(self):
        for name in ("a", "b", "c"):
            self.admin("location", "add", name)
        self.assertEqual(self.add_user("alice", "viewer", "--location", "c",
                                       "--location", "a")["locations"], [1, 3])
        self.assertIn("\ta,c\t", self.admin("user", "list").stdout)
        self.admin("user", "role", "alice", "editor")
        self.assertEqual(self.users()["alice"]["locations"], [1, 3])
        self.admin("user", "role", "alice", "editor", "--location", "b")
        self.assertEqual(self.users()["alice"]["locations"], [2])
        self.refused("do not go together", "user", "role", "alice", "editor",
                     "--location", "b", "--all-locations")
        self.admin("user", "role", "alice", "editor", "--all-locations")
        self.assertIsNone(self.users()["alice"]["locations"])

    def test_an_admin_is_never_limited(self):
        self.admin("location", "add", "a")
        self.refused("sees all locations", "user", "add", "bob", "--role", "admin",
                     "--location", "a", data=PASSWORD + "\n")
        self.add_user("alice", "viewer", "--location", "a")
        self.admin("user", "role", "alice", "admin")
        alice = self.users()["alice"]
        self.assertEqual((alice["role"], alice["locations"]), ("admin", None))
        self.refused("", "user", "role", "alice", "admin", "--location", "a")

    def test_the_last_admin_stays(self):
        self.add_user("alice", "admin")
        for args in (("disable", "alice"), ("delete", "alice"), ("role", "alice", "editor")):
            self.refused("last active admin", "user", *args, status=1)
        self.add_user("bob", "admin")
        self.admin("user", "disable", "alice")
        self.refused("last active admin", "user", "delete", "bob", status=1)
        self.admin("user", "enable", "alice")
        self.admin("user", "delete", "bob")
        self.assertEqual(list(self.users()), ["alice"])

    def test_what_takes_rights_away_ends_sessions(self):
        self.add_user("root", "admin")
        for args in (("disable", "alice"), ("role", "alice", "viewer"),
                     ("totp-reset", "alice"), ("delete", "alice")):
            with self.subTest(args=args):
                if "alice" not in self.users():
                    self.add_user("alice", "editor")
                self.admin("user", "enable", "alice")
                if args[0] == "totp-reset":
                    self.change("UPDATE users SET totp_seed = x'00', totp_active = 1"
                                " WHERE username = 'alice'")
                self.give_session("alice")
                self.assertEqual(self.sessions(), 1)
                self.admin("user", *args)
                self.assertEqual(self.sessions(), 0)

    def test_totp_reset_takes_seed_and_recovery_codes_away(self):
        self.add_user("alice", "admin")
        self.change("UPDATE users SET totp_seed = x'0102', totp_active = 1")
        self.change("INSERT INTO recovery_codes SELECT id, randomblob(32), NULL FROM users")
        self.assertTrue(self.users()["alice"]["totp"])
        self.admin("user", "totp-reset", "alice")
        self.assertFalse(self.users()["alice"]["totp"])
        self.assertEqual(self.query("SELECT totp_seed, totp_active FROM users"), [(None, 0)])
        self.assertEqual(self.query("SELECT count(*) FROM recovery_codes"), [(0,)])

    def test_disable_and_delete_revoke_the_keys_that_the_user_made(self):
        self.add_user("root", "admin")
        for command in ("disable", "delete"):
            self.add_user("alice", "admin")
            self.admin("key", "add", "hers", "--scope", "read")
            self.admin("key", "add", "ours", "--scope", "read")
            self.change("UPDATE api_keys SET created_by = (SELECT id FROM users"
                        " WHERE username = 'alice') WHERE name = 'hers'"
                        " AND revoked_at IS NULL")
            if command == "disable":
                self.assertEqual({k["created_by"] for k in self.json("key", "list")},
                                 {"alice", None})
            self.admin("user", command, "alice")
            revoked = {k["name"]: k["revoked_at"] is not None
                       for k in self.json("key", "list")[:2]}
            self.assertEqual(revoked, {"hers": True, "ours": False})
            if command == "disable":
                self.admin("user", "delete", "alice")

    def test_every_change_is_journalled_without_secrets(self):
        self.add_user("alice", "admin")
        self.admin("user", "passwd", "alice", data=OTHER + "\n")
        self.add_user("bob")
        self.admin("user", "role", "bob", "editor")
        self.admin("user", "delete", "bob")
        ops = [r for r, in self.query("SELECT op || ' ' || tbl FROM journal ORDER BY id")]
        for op in ("insert users", "password_changed event", "update users", "delete users"):
            self.assertIn(op, ops)
        text = str(self.query("SELECT * FROM journal"))
        self.assertNotIn("argon2", text)
        self.assertTrue(self.json("audit", "verify")["sound"])


class SetupLink(Case):
    def test_a_link_for_the_first_admin(self):
        link = self.admin("user", "setup-link", "--url", "https://u.example/").stdout
        match = re.fullmatch(r"https://u\.example/#/setup/([\w-]{43})\n", link)
        self.assertTrue(match, link)
        self.assertNotIn(match.group(1).encode(), self.stored())
        second = self.json("user", "setup-link")
        self.assertRegex(second["url"], r"^https://localhost/#/setup/[\w-]{43}$")
        ends = datetime.datetime.fromisoformat(second["expires_at"].replace("Z", "+00:00"))
        ahead = ends.timestamp() - time.time()
        self.assertTrue(86400 - 60 < ahead <= 86400, ahead)

    def test_no_link_once_there_is_an_account(self):
        self.add_user("alice", "viewer")
        self.refused("set up already", "user", "setup-link", status=1)

    def test_an_address_that_is_none_is_refused(self):
        for url in ("", "usage.example.org", "javascript:alert(1)", "https://a b",
                    "https://a/#b", "https://a?x"):
            self.refused("is no address", "user", "setup-link", "--url", url)


class Keys(Case):
    def add(self, *args):
        done = self.admin("key", "add", *args)
        return done.stdout.rstrip("\n"), done

    def test_the_key_alone_stands_on_stdout(self):
        key, done = self.add("grafana", "--scope", "read", "--scope", "metrics")
        self.assertRegex(done.stdout, r"\Adum_[0-9a-f]{8}_[\w-]{43}[0-9a-f]{6}\n\Z")
        self.assertNotIn(key[13:56], done.stderr)
        self.assertIn("not shown again", done.stderr)
        # Its form, and what is stored of it, by other means.
        self.assertEqual(hashlib.sha256(key[:56].encode()).hexdigest()[:6], key[56:])
        secret = base64.urlsafe_b64decode(key[13:56] + "=")
        self.assertEqual(len(secret), 32)
        self.assertEqual(self.query("SELECT prefix, secret_hash, scopes FROM api_keys"),
                         [(key[4:12], hashlib.sha256(secret).digest(), "read metrics")])
        self.assertNotIn(key[13:56].encode(), self.stored())
        self.assertNotIn(secret, self.stored())
        self.assertNotIn(key[13:56], self.admin("key", "list").stdout)
        self.assertNotIn(key[13:56], self.admin("key", "list", "--json").stdout)

    def test_json_has_the_members_of_the_api_and_the_key(self):
        self.admin("location", "add", "a")
        one = self.json("key", "add", "k", "--scope", "read", "--location", "a")
        self.assertEqual(list(one), ["id", "prefix", "name", "key", "scopes",
                                     "locations", "created_by", "created_at",
                                     "expires_at", "last_used_at", "revoked_at"])
        self.assertEqual((one["scopes"], one["locations"]), (["read"], [1]))
        listed = self.json("key", "list")
        del one["key"]
        self.assertEqual(listed, [one])

    def test_a_key_works_to_the_end_of_its_last_day(self):
        for zone in ("UTC", "America/New_York", "Pacific/Auckland", "Pacific/Apia"):
            self.settings("TIMEZONE=" + zone)
            for day in ("2027-03-14", "2027-03-28", "2027-10-31", "2028-02-29"):
                one = self.json("key", "add", "k", "--scope", "read", "--expires", day)
                end = datetime.datetime.fromisoformat(day) + datetime.timedelta(days=1)
                end = end.replace(tzinfo=zoneinfo.ZoneInfo(zone))
                self.assertEqual(one["expires_at"], end.astimezone(datetime.timezone.utc)
                                 .strftime("%Y-%m-%dT%H:%M:%SZ"), (zone, day))

    def test_revoked_by_number_or_prefix_and_for_good(self):
        first, _ = self.add("a", "--scope", "read")
        self.add("b", "--scope", "write")
        self.admin("key", "revoke", first[4:12])
        self.admin("key", "revoke", "2")
        keys = self.json("key", "list")
        self.assertEqual([k["id"] for k in keys], [2, 1])
        self.assertTrue(all(k["revoked_at"] for k in keys))
        self.assertIn("\trevoked ", self.admin("key", "list").stdout)
        self.assertIn("revoked", self.admin("key", "revoke", "1").stdout)

    def test_a_prefix_of_digits_is_a_prefix_first(self):
        self.add("a", "--scope", "read")
        self.add("b", "--scope", "read")
        self.change("UPDATE api_keys SET prefix = '00000001' WHERE id = 2")
        self.assertEqual(self.json("key", "revoke", "00000001")["id"], 2)
        self.assertEqual(self.json("key", "revoke", "1")["id"], 1)

    def test_names_and_words_that_are_none_are_refused(self):
        for args in (("", "--scope", "read"), ("a\nb", "--scope", "read"),
                     ("x" * 101, "--scope", "read"), ("k", "--scope", "read write")):
            self.refused("", "key", "add", *args)
        for word in ("", "0", "-1", "1x", "99999999999999999999", "dum_"):
            self.refused("no key", "key", "revoke", "--", word, status=1)
        self.assertEqual(self.json("key", "list"), [])

    def test_a_full_disk_for_the_answer_is_told(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([os.path.join(BIN, "dum-admin"), "key", "add", "k",
                                   "--scope", "read"], stdout=full, text=True,
                                  stderr=subprocess.PIPE, env=self.environment(),
                                  check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not be written", done.stderr)

    def test_journal_has_no_secret_of_a_key(self):
        key, _ = self.add("a", "--scope", "admin")
        self.admin("key", "revoke", "1")
        rows = self.query("SELECT op, tbl, before, after FROM journal WHERE tbl = 'api_keys'")
        self.assertEqual([r[:2] for r in rows], [("insert", "api_keys"), ("update", "api_keys")])
        text = json.dumps(rows)
        self.assertNotIn(key[13:56], text)
        self.assertNotIn("hash", text)


if __name__ == "__main__":
    unittest.main()

"""The front with accounts behind it: the link to the first one, cookies, whose
request it was, the limit of guesses, and one more proxy in front."""

import concurrent.futures
import gzip
import json
import os
import re
import unittest

import stack
from grade import grade
from stack import FrontTest, Trial, wait_for

PASSWORD = "a long enough pass phrase"

proxied = None      # trusts 127.0.0.1 as a proxy; without limits
limited = None      # trusts nobody; as users get it, with an account before
first = []          # the answers to those who wanted to be the first admin
cookie = csrf = key = ""


def setUpModule():
    global proxied, limited
    stack.begin()
    proxied = Trial("proxied", "--workers", "2", "--unlimited")
    write_settings(proxied, "TRUSTED_PROXIES=127.0.0.1,192.0.2.0/24\n")
    proxied.start()
    become_first_admin()
    limited = Trial("limited", "--workers", "1")
    write_settings(limited)
    limited.admin("init")
    limited.admin("migrate")
    limited.admin("user", "add", "somebody", "--role", "admin",
                  text=PASSWORD + "\n")
    (limited.state / "setup-link").write_text("an old one\n")
    limited.start()


def tearDownModule():
    stack.end()


def write_settings(trial, more=""):
    trial.state.mkdir(mode=0o700)
    (trial.state / "dum.conf").write_text(
        "".join(f"{name}={trial.state}/{file}\n" for name, file in (
            ("DATABASE_PATH", "data.db"), ("DATABASE_BACKUP_DIR", "backups"),
            ("SECRET_KEY_FILE", "secret.key"),
            ("AUDIT_ANCHOR_FILE", "anchors.log"))) + more)


def become_first_admin():
    """50 at once, all with the right link."""
    global cookie, csrf, key
    token = (proxied.state / "setup-link").read_text().strip().split("/")[-1]

    def ask(number):
        return post(proxied, "/api/auth/setup",
                    {"token": token, "username": f"admin{number}",
                     "password": PASSWORD})
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        first.extend(pool.map(ask, range(50)))
    won = next(a for a in first if a.status == 201)
    cookie = won.headers["Set-Cookie"].split(";")[0]
    csrf = won.json()["csrf_token"]
    key = proxied.admin("key", "add", "robot", "--scope", "read").strip()


def post(trial, path, value, headers=None):
    return trial.ask("POST", path, json.dumps(value),
                     {"Content-Type": "application/json", **(headers or {})})


def winner():
    return next(a for a in first if a.status == 201).json()["user"]["username"]


def log_in(trial, name, headers=None, password="a wrong pass phrase"):
    return post(trial, "/api/auth/login",
                {"username": name, "password": password}, headers)


def line_of(trial, answer):
    """The line of the access log that belongs to an answer."""
    log = trial.state / "log" / "access.log"
    wanted = answer.headers["X-Request-Id"]
    found = []

    def look():
        found[:] = [t for t in log.read_text().splitlines() if wanted in t]
        return found
    if not wait_for(look, 5):
        raise AssertionError(f"{wanted} is not in {log}")
    return json.loads(found[0])


class UploadTest(FrontTest):
    """A file of up to 64 MiB is collected for those alone who may send one."""

    def begin(self, headers, size=40 << 20, trial=None):
        """The head of such a request, and one byte of the file."""
        connection = (trial or proxied).connect()
        connection.putrequest("POST", "/api/imports")
        for name, value in {"Content-Type": "text/csv",
                            "Content-Length": str(size), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"D")
        connection.sock.settimeout(5)
        self.addCleanup(connection.close)
        return connection

    def test_who_may_not_is_refused_before_the_file_is_taken(self):
        reader = {"Authorization": "Bearer " + key}
        for headers, status in (({}, 401), (reader, 403),
                                ({"Cookie": cookie}, 403),
                                ({"Cookie": "__Host-dum=" + "A" * 43}, 401)):
            with self.subTest(headers=headers):
                answer = stack.Answer(self.begin(headers).getresponse())
                self.assert_problem(answer, status)

    def test_other_methods_are_not_even_asked_about(self):
        answer = proxied.ask("PUT", "/api/imports", b"x")
        self.assertEqual(answer.status, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        self.assertEqual(proxied.ask("GET", "/dum-may").status, 404)

    def test_a_client_sends_four_at_a_time(self):
        robot = limited.admin("key", "add", "robot", "--scope", "import").strip()
        mine = {"Authorization": "Bearer " + robot}
        waiting = [self.begin(mine, trial=limited) for _ in range(4)]
        answer = stack.Answer(self.begin(mine, trial=limited).getresponse())
        self.assertEqual(answer.status, 429)
        for connection in waiting:      # they are still being listened to
            with self.assertRaises(TimeoutError):
                connection.sock.settimeout(0.2)
                connection.sock.recv(1)

    def test_a_file_gets_through_with_a_session_and_with_a_key(self):
        robot = proxied.admin("key", "add", "importer", "--scope", "import").strip()
        text = b"Date,upload_test\n2024-05-01,1\n"
        for headers in ({"Cookie": cookie, "X-CSRF-Token": csrf},
                        {"Authorization": "Bearer " + robot}):
            answer = proxied.ask("POST", "/api/imports?dry_run=true", text,
                                 {"Content-Type": "text/csv", **headers})
            self.assertEqual(answer.status, 200, answer.body)


class SetupTest(FrontTest):
    def test_the_link_is_a_secret_in_a_file(self):
        link = proxied.state / "setup-link"
        self.assertEqual(os.stat(link).st_mode & 0o777, 0o600)
        text = link.read_text()
        self.assertRegex(text, rf"\Ahttps://127\.0\.0\.1:{proxied.port}"
                               r"/#/setup/[A-Za-z0-9_-]{43}\n\Z")
        said = proxied.log.read_text()
        self.assertIn(str(link), said)
        self.assertNotIn(text.split("/")[-1].strip(), said)

    def test_of_50_who_want_to_be_the_first_admin_one_is(self):
        self.assertEqual(sorted(a.status for a in first), [201] + [409] * 49)

    def test_there_is_no_link_once_there_is_an_account(self):
        self.assertFalse((limited.state / "setup-link").exists())
        self.assertNotIn("no account yet", limited.log.read_text())


class CookieTest(FrontTest):
    def assert_cookie(self, text):
        name, *attributes = text.split("; ")
        self.assertRegex(name, "^__Host-dum=")
        wanted = {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
        self.assertLessEqual(wanted, set(attributes))
        # What is left says how long, and nothing says for whom else.
        self.assertRegex(" ".join(set(attributes) - wanted),
                         r"^Max-Age=\d+$")

    def test_the_cookie_is_bound_to_this_host_and_hidden(self):
        answer = log_in(proxied, winner(), password=PASSWORD)
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(answer.headers.get_all("Set-Cookie")), 1)
        self.assert_cookie(answer.headers["Set-Cookie"])
        with_hsts = answer.headers
        with_hsts["Strict-Transport-Security"] = "max-age=63072000"
        self.assertEqual(grade(with_hsts), 155)
        out = proxied.ask("POST", "/api/auth/logout", None, {
            "Cookie": answer.headers["Set-Cookie"].split(";")[0],
            "X-CSRF-Token": answer.json()["csrf_token"]})
        self.assertEqual(out.status, 204)
        self.assert_cookie(out.headers["Set-Cookie"])
        self.assertIn("Max-Age=0", out.headers["Set-Cookie"])
        self.assert_headers(out, stack.API_CSP)

    def test_what_lies_beside_the_csrf_token_is_not_compressed(self):
        headers = {"Accept-Encoding": "gzip", "Cookie": cookie}
        for i in range(8):
            log_in(proxied, winner(), {"User-Agent": f"{i}" * 200}, PASSWORD)
        secret = proxied.ask("GET", "/api/auth/sessions", None, headers)
        self.assertGreater(len(secret.body), 1500)
        self.assertIsNone(secret.headers["Content-Encoding"])
        self.assertEqual(secret.headers["Cache-Control"], "no-store")
        # Another of that size is.
        other = proxied.ask("GET", "/api/audit", None, headers)
        self.assertEqual(other.headers["Content-Encoding"], "gzip")
        self.assertIn(b"login", gzip.decompress(other.body))


class LogTest(FrontTest):
    def test_a_line_says_whose_request_it_was(self):
        path = "/api/data/locations"
        for headers, actor in (
                ({"Cookie": cookie}, f"user:{winner()}"),
                ({"Authorization": f"Bearer {key}"}, f"key:{key[4:12]}"),
                ({"X-Dum-Actor": "user:root"}, "nobody")):
            with self.subTest(actor=actor):
                answer = proxied.ask("GET", path, None, headers)
                self.assertIsNone(answer.headers["X-Dum-Actor"])
                line = line_of(proxied, answer)
                self.assertEqual((line["actor"], line["path"]), (actor, path))
                self.assertEqual(line["status"], answer.status)
                self.assertGreaterEqual(line["seconds"], 0)

    def test_no_credential_stands_in_a_log(self):
        session = cookie.partition("=")[2]
        proxied.ask("GET", "/api/data/locations", None,
                    {"Authorization": f"Bearer {key}"})
        answer = log_in(proxied, "somebody", {"Cookie": cookie})
        line_of(proxied, answer)
        for log in (proxied.state / "log").iterdir():
            text = log.read_text()
            for secret in (session, csrf, key, key[13:], PASSWORD,
                           "a wrong pass phrase"):
                self.assertNotIn(secret, text, log)


class ProxyTest(FrontTest):
    def address_of(self, trial, forwarded, **more):
        answer = trial.ask("GET", "/health", None, {
            **({"X-Forwarded-For": forwarded} if forwarded else {}), **more})
        return line_of(trial, answer)["address"]

    def test_without_proxies_nothing_that_a_client_says_counts(self):
        self.assertEqual(self.address_of(limited, "1.2.3.4"), "127.0.0.1")
        for name in ("X-Real-Ip", "Forwarded", "True-Client-Ip", "Client-Ip",
                     "X-Client-Ip", "Cf-Connecting-Ip", "X-Originating-Ip"):
            self.assertEqual(
                self.address_of(limited, "", **{name: "1.2.3.4"}),
                "127.0.0.1", name)

    def test_what_a_trusted_proxy_says_counts(self):
        self.assertEqual(self.address_of(proxied, "198.51.100.7"),
                         "198.51.100.7")
        self.assertEqual(self.address_of(proxied, "2001:db8::7"),
                         "2001:db8::7")

    def test_what_came_to_the_proxy_already_does_not(self):
        # The last one that is no proxy of ours is who the proxy saw.
        for forwarded, address in (
                ("1.2.3.4, 198.51.100.8", "198.51.100.8"),
                ("1.2.3.4, 198.51.100.8, 192.0.2.30", "198.51.100.8"),
                ("127.0.0.1, 198.51.100.9", "198.51.100.9"),
                ("nonsense", "127.0.0.1")):
            with self.subTest(forwarded=forwarded):
                self.assertEqual(self.address_of(proxied, forwarded), address)

    def test_the_worker_counts_and_notes_the_same_address(self):
        for i in range(2):
            log_in(proxied, f"ghost{i}", {"X-Forwarded-For": f"9.9.9.9, "
                                          f"198.51.100.{20 + i}"})
        log = (proxied.state / "log" / "api.log").read_text()
        found = re.findall(r'login failed: user "ghost(\d)" from (\S+)', log)
        self.assertEqual(found, [("0", "198.51.100.20"),
                                 ("1", "198.51.100.21")])

    def test_metrics_are_for_this_machine(self):
        for forwarded, refused in (("198.51.100.7", True), ("", False)):
            answer = proxied.ask("GET", "/metrics", None,
                                 {"X-Forwarded-For": forwarded}
                                 if forwarded else {})
            self.assertEqual(answer.status == 403, refused)


class GuessTest(FrontTest):
    def test_guesses_are_limited_whatever_address_is_claimed(self):
        answers = [log_in(limited, f"user{i}",
                          {"X-Forwarded-For": f"198.51.100.{i}"})
                   for i in range(8)]
        self.assertEqual(answers[0].status, 401)
        self.assertEqual(answers[-1].status, 429)
        self.assert_problem(answers[-1], 429, "/api/auth/login")
        self.assertEqual(answers[-1].headers["Retry-After"], "6")
        # One limit for all ways to guess.
        for method, path in (("POST", "/api/auth/setup"),
                             ("POST", "/api/auth/password"),
                             ("POST", "/api/auth/totp"),
                             ("POST", "/api/auth/totp/confirm")):
            answer = limited.ask(method, path, "{}",
                                 {"Content-Type": "application/json"})
            self.assert_problem(answer, 429, path)
            self.assertEqual(answer.headers["Retry-After"], "6")
        # The rest of the account pages is not held up by it.
        for path in ("/api/auth/session", "/api/auth/sessions"):
            self.assertEqual(limited.ask("GET", path).status, 401)


if __name__ == "__main__":
    unittest.main()

"""The front, from outside: scripts/run, nginx's part of every answer, and what
is left when it stops. Runs the real build."""

import gzip
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time
import unittest
import warnings

import stack
from stack import (API_CSP, PAGE_CSP, RUN, TOP, Answer, FrontTest, Trial,
                   command_of, descendants, free_port, living, parse_raw,
                   unverified, wait_for)

free = None         # a trial without limits, for most tests
limited = None      # a trial as users get it


def setUpModule():
    global free, limited
    stack.begin()
    free = Trial("free", "--unlimited")
    limited = Trial("limited")
    free.start()
    limited.start()


def tearDownModule():
    stack.end()


class StartTest(FrontTest):
    def test_says_ready_in_one_line(self):
        self.assertEqual(free.ready, f"ready https://127.0.0.1:{free.port}/\n")
        self.assertEqual(free.ask("GET", "/health").status, 200)

    def test_the_state_folder_is_closed_to_others(self):
        self.assertEqual(os.stat(free.state).st_mode & 0o777, 0o700)
        for name in ("dum.conf", "tls/key.pem"):
            mode = os.stat(free.state / name).st_mode
            self.assertEqual(mode & 0o077, 0, name)

    def test_the_socket_is_0660(self):
        mode = os.stat(free.state / "run" / "api.sock").st_mode
        self.assertEqual(mode & 0o777, 0o660)

    def test_workers_are_four_unless_asked_otherwise(self):
        family = descendants(free.process.pid)
        workers = [p for p in family
                   if re.match(r"\S*/dum-api ", command_of(p) + " ")]
        self.assertEqual(len(workers), 4)

    def test_a_longer_path_than_a_socket_can_have(self):
        deep = stack.scratch / ("long name " * 8)
        trial = Trial("x" * 40, "--workers", "1", state=deep)
        trial.start()
        where = pathlib.Path((trial.state / "run" / "socket-dir")
                             .read_text().strip())
        self.assertEqual(os.stat(where).st_mode & 0o777, 0o700)
        self.assertEqual(trial.ask("GET", "/health").status, 200)
        self.assertEqual(trial.stop(), (0, ""))
        self.assertFalse(where.exists())


class SettingsTest(unittest.TestCase):
    def test_sample_data_and_settings(self):
        trial = Trial("sample", "--sample", "--workers", "1")
        trial.start()
        self.assertEqual(trial.ready.strip(),
                         f"ready https://127.0.0.1:{trial.port}/")
        with self.subTest("sample data is marked, and has days left out"):
            rows = (trial.state / "sample.csv").read_text().splitlines()
            names = rows[0].split(",")[1:]
            self.assertTrue(all(n.startswith("sample_") for n in names))
            yesterday = time.strftime("%Y-%m-%d",
                                      time.localtime(time.time() - 86400))
            self.assertEqual((len(rows), rows[-1][:10]), (121, yesterday))
            known = sum(cell != "" for row in rows[1:]
                        for cell in row.split(",")[1:])
            self.assertLess(known, 120 * len(names))
            stats = json.loads(trial.admin("stats", "--json"))
            self.assertEqual((stats["records"], stats["locations"]),
                             (known, len(names)))
        with self.subTest("limit and proxies are those of the settings"):
            rendered = trial.state / "nginx" / "dum"
            self.assertIn("rate=20r/s",
                          (rendered / "dum-http.conf").read_text())
            self.assertNotRegex((rendered / "dum-server.conf").read_text(),
                                "(?m)^set_real_ip_from")
            trial.stop()
            with open(trial.state / "dum.conf", "a") as settings:
                settings.write("RATE_LIMIT=333\n"
                               "TRUSTED_PROXIES=192.0.2.7, 2001:db8::/32\n")
            trial.start()
            self.assertIn("rate=333r/s",
                          (rendered / "dum-http.conf").read_text())
            text = (rendered / "dum-server.conf").read_text()
            self.assertIn("set_real_ip_from 192.0.2.7;\n"
                          "set_real_ip_from 2001:db8::/32;\n", text)
        with self.subTest("a database with data in it is not filled"):
            again = json.loads(trial.admin("stats", "--json"))
            self.assertEqual((again["records"], again["locations"]),
                             (known, len(names)))
            self.assertIn("no sample data added", trial.log.read_text())
        trial.stop()
        with self.subTest("a proxy that could be anybody is refused"):
            conf = trial.state / "dum.conf"
            text = conf.read_text()
            for proxies in ("192.0.2.1; return", "::/0"):
                conf.write_text(text.replace("192.0.2.7", proxies))
                trial.spawn()
                self.assertEqual(trial.process.wait(60), 1)
                self.assertRegex(trial.log.read_text(),
                                 "TRUSTED_PROXIES.*'"
                                 + re.escape(proxies.split()[0]))

class ArgumentTest(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([RUN, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30)

    def test_wrong_arguments_exit_2_and_say_why(self):
        for wrong in (["--port", "0"], ["--port", "65536"], ["--port", "x"],
                      ["--port"], ["--port", "-1"], ["--port", "080 "],
                      ["--workers", "0"], ["--workers", "65"],
                      ["--workers", ""], ["--state", ""], ["--state"],
                      ["--nonsense"], ["here"]):
            with self.subTest(arguments=wrong):
                done = self.run_it(*wrong)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertIn("usage:", done.stderr)

    def test_help(self):
        done = self.run_it("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--state", "--port", "--workers", "--sample",
                       "--unlimited"):
            self.assertIn(option, done.stdout)

    def test_a_port_in_use_is_told_before_anything_starts(self):
        state = stack.scratch / "never"
        done = self.run_it("--state", str(state), "--port", str(free.port))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"port {free.port} is in use", done.stderr)
        self.assertFalse((state / "dum.conf").exists())

    def test_the_same_folder_twice_is_refused(self):
        done = self.run_it("--state", str(free.state),
                           "--port", str(free_port()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("is in use by another", done.stderr)
        self.assertEqual(free.ask("GET", "/health").status, 200)

    def test_a_folder_with_other_things_in_it_is_left_alone(self):
        other = stack.scratch / "other"
        other.mkdir(mode=0o755)
        (other / "letter").write_text("mine")
        done = self.run_it("--state", str(other), "--port", str(free_port()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("not a state folder", done.stderr)
        self.assertEqual(os.stat(other).st_mode & 0o777, 0o755)
        self.assertEqual(os.listdir(other), ["letter"])


class TlsTest(unittest.TestCase):
    def handshake(self, **settings):
        context = unverified()
        # Else the client itself would refuse old versions.
        context.set_ciphers("ALL:@SECLEVEL=0")
        for name, value in settings.items():
            setattr(context, name, value)
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", free.port), 10) as plain:
            with context.wrap_socket(plain) as stream:
                return stream.version(), stream.selected_alpn_protocol()

    def test_tls_1_1_is_refused(self):
        with warnings.catch_warnings(), \
                self.assertRaises(ssl.SSLError) as caught:
            warnings.simplefilter("ignore", DeprecationWarning)
            self.handshake(minimum_version=ssl.TLSVersion.TLSv1,
                           maximum_version=ssl.TLSVersion.TLSv1_1)
        # The server's word, not the client's own refusal.
        self.assertIn("alert protocol version", str(caught.exception))

    def test_tls_1_2_and_1_3_are_spoken_with_http_2(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
                              (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            self.assertEqual(self.handshake(minimum_version=version,
                                            maximum_version=version),
                             (name, "h2"))

    def test_http_2_answers(self):
        done = subprocess.run(
            ["curl", "-ks", "--noproxy", "*", "-o", os.devnull, "--http2",
             "-w", "%{http_version} %{http_code}",
             f"https://localhost:{free.port}/health",
             "--resolve", f"localhost:{free.port}:127.0.0.1"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "2 200")

    def test_the_certificate_names_localhost_and_its_address(self):
        context = ssl.create_default_context(
            cafile=free.state / "tls" / "cert.pem")
        for name in ("localhost", "127.0.0.1"):
            with socket.create_connection(("127.0.0.1", free.port), 10) as s:
                with context.wrap_socket(s, server_hostname=name) as stream:
                    self.assertTrue(stream.getpeercert())


class PageTest(FrontTest):
    def asset(self):
        found = sorted((TOP / "build" / "www" / "assets").glob("*.js"))
        self.assertTrue(found)
        return found[0]

    def test_the_page_is_revalidated(self):
        answer = free.ask("GET", "/")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body,
                         (TOP / "build/www/index.html").read_bytes())
        self.assertEqual(answer.headers["Cache-Control"], "no-cache")
        self.assert_headers(answer, PAGE_CSP)
        again = free.ask("GET", "/", None,
                         {"If-None-Match": answer.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        self.assert_headers(again, PAGE_CSP)

    def test_assets_are_kept_for_a_year_and_come_compressed(self):
        path = self.asset()
        answer = free.ask("GET", f"/assets/{path.name}", None,
                          {"Accept-Encoding": "gzip"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Cache-Control"],
                         "public, max-age=31536000, immutable")
        self.assertEqual(answer.headers["Content-Type"],
                         "text/javascript; charset=utf-8")
        self.assert_headers(answer, PAGE_CSP)
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(answer.body), path.read_bytes())
        self.assertIn("Accept-Encoding", answer.headers["Vary"])

    def test_a_file_without_a_hash_in_its_name_is_revalidated(self):
        names = list((TOP / "build" / "www" / "assets").glob("*.txt"))
        self.assertTrue(names)
        answer = free.ask("GET", f"/assets/{names[0].name}")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-cache")

    def test_an_unknown_file_is_a_page_that_nobody_keeps(self):
        for path in ("/nothing", "/assets/nothing-12345.js", "/a/../b",
                     "//api/data", "/health/", "/apix"):
            with self.subTest(path=path):
                answer = free.ask("GET", path)
                self.assert_page(answer, 404)
                self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_files_are_only_read(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
            with self.subTest(method=method):
                answer = free.ask(method, "/index.html", b"")
                self.assert_page(answer, 405)
                self.assertEqual(answer.headers["Allow"], "GET, HEAD")

    def test_head_has_the_headers_and_no_body(self):
        answer = free.ask("HEAD", "/")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assert_headers(answer, PAGE_CSP)

    def test_dotfiles_and_folders_are_not_there(self):
        for path in ("/.git/config", "/assets/.hidden", "/assets/", "/assets"):
            with self.subTest(path=path):
                self.assertEqual(free.ask("GET", path).status, 404)


class ApiTest(FrontTest):
    def test_an_answer_of_the_program_gets_the_headers_once(self):
        for path in ("/health", "/api/data/locations"):
            with self.subTest(path=path):
                answer = free.ask("GET", path)
                self.assert_headers(answer, API_CSP)

    def test_an_error_of_the_program_keeps_its_body(self):
        answer = free.ask("GET", "/api/there/is/no/such/thing")
        self.assert_problem(answer, 404)

    def test_a_large_body_is_413(self):
        for path, size in (("/api/data/locations", (64 << 10) + 1),
                           ("/api/data/daily-usage", (1 << 20) + 1),
                           ("/api/imports", (64 << 20) + 1)):
            with self.subTest(path=path):
                # All that is said is the length: nginx refuses at once.
                connection = free.connect()
                connection.putrequest("POST", path)
                connection.putheader("Content-Length", str(size))
                connection.endheaders()
                answer = Answer(connection.getresponse())
                connection.close()
                self.assert_problem(answer, 413, path)

    def test_a_batch_may_be_larger_than_the_rest(self):
        # Whatever the program says to it: it got there.
        answer = free.ask("POST", "/api/data/daily-usage",
                          b"[" + b" " * (100 << 10),
                          {"Content-Type": "application/json"})
        self.assertNotIn(answer.status, (500, 502, 504))
        self.assertNotIn(b"than this address takes", answer.body)

    def test_large_header_fields_are_431(self):
        for size in (9000, 40000):
            answer = free.ask("GET", "/api/data/locations", None,
                              {"X-Large": "a" * size})
            self.assert_problem(answer, 431)
        self.assert_page(free.ask("GET", "/", None, {"X-Large": "a" * 9000}),
                         431)

    def test_a_long_or_broken_address_is_refused(self):
        self.assert_problem(free.ask("GET", "/api/" + "a" * 9000), 414)
        for path in ("/api/%00", "/api/%zz", "/../etc/passwd"):
            with self.subTest(path=path):
                self.assert_problem(free.ask("GET", path), 400)

    def test_an_address_that_json_would_have_to_escape_is_left_out(self):
        answer = free.ask("TRACE", '/api/x"y')
        self.assert_problem(answer, 405)
        self.assertNotIn("instance", answer.json())

    def test_trace_is_refused(self):
        answer = free.ask("TRACE", "/api/data/locations")
        self.assert_problem(answer, 405, "/api/data/locations")
        self.assertIn("GET", answer.headers["Allow"])

    def test_two_lengths_and_length_with_chunks_are_refused(self):
        for extra in ("Content-Length: 3\r\nContent-Length: 4\r\n",
                      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"):
            answer = parse_raw(free.raw(
                ("POST /api/data/locations HTTP/1.1\r\nHost: localhost\r\n"
                 f"{extra}Connection: close\r\n\r\nabc").encode()))
            self.assertEqual(answer.status, 400)

    def test_no_pool_is_502_and_passes(self):
        socket_file = free.state / "run" / "api.sock"
        aside = free.state / "run" / "aside.sock"
        socket_file.rename(aside)
        try:
            for path in ("/health", "/api/data/locations"):
                self.assert_problem(free.ask("GET", path), 502, path)
            self.assertEqual(free.ask("GET", "/").status, 200)
        finally:
            aside.rename(socket_file)
        self.assertEqual(free.ask("GET", "/health").status, 200)

    def workers(self):
        return [p for p in descendants(free.process.pid)
                if re.match(r"\S*/dum-api ", command_of(p) + " ")]

    def test_killed_workers_come_back(self):
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)
        self.assertTrue(wait_for(
            lambda: free.ask("GET", "/health").status == 200, 2))


class HostTest(FrontTest):
    def test_another_host_name_is_misdirected(self):
        self.assert_problem(free.ask("GET", "/api/data/locations", None,
                                     {"Host": "elsewhere.example"}), 421)
        self.assert_page(free.ask("GET", "/", None,
                                  {"Host": "elsewhere.example"}), 421)

    def test_a_forwarded_port_is_fine(self):
        self.assertEqual(free.ask("GET", "/", None,
                                  {"Host": "localhost:1234"}).status, 200)

    def test_plain_http_is_sent_to_https(self):
        here = f"127.0.0.1:{free.port}"
        for host, to in ((here, here), ("localhost:1", "localhost:1"),
                         ("elsewhere.example", here),
                         ("localhost:1@elsewhere.example", here)):
            with self.subTest(host=host):
                answer = parse_raw(free.raw(
                    (f"GET /api/x?y=1 HTTP/1.1\r\nHost: {host}\r\n"
                     "Connection: close\r\n\r\n").encode(), tls=False))
                if answer.status == 400:
                    continue    # nginx did not even take the name
                self.assertEqual(answer.status, 308)
                self.assertEqual(answer.headers["Location"],
                                 f"https://{to}/api/x?y=1")
                self.assert_headers(answer, API_CSP)


class LogTest(unittest.TestCase):
    def line_of(self, request_id):
        log = free.state / "log" / "access.log"
        found = []

        def look():
            found[:] = [text for text in log.read_text().splitlines()
                        if request_id in text]
            return found
        self.assertTrue(wait_for(look, 5))
        self.assertEqual(len(found), 1)
        return json.loads(found[0])

    def test_a_line_is_json_without_the_query(self):
        answer = free.ask("GET", "/health?token=a-secret")
        line = self.line_of(answer.headers["X-Request-Id"])
        self.assertEqual(line["path"], "/health")
        self.assertEqual(line["status"], answer.status)
        self.assertEqual(line["address"], "127.0.0.1")
        self.assertNotIn("a-secret", (free.state / "log" / "access.log")
                         .read_text())

    def test_a_line_can_not_be_forged(self):
        answer = free.ask("GET", '/x"y%0a{"status":200}', None,
                          {"User-Agent": 'a","status":200,"x":"\t\x1b'})
        line = self.line_of(answer.headers["X-Request-Id"])
        self.assertEqual(line["status"], answer.status)
        self.assertEqual(line["agent"], 'a","status":200,"x":"\t\x1b')


class LimitTest(FrontTest):
    def many(self, trial, path, count):
        connection = trial.connect()
        answers = []
        for _ in range(count):
            connection.request("GET", path)
            answers.append(Answer(connection.getresponse()))
        connection.close()
        return answers

    def test_too_many_requests_are_429_and_it_passes(self):
        answers = self.many(limited, "/health", 120)
        refused = [a for a in answers if a.status == 429]
        self.assertGreater(len(refused), 10)
        self.assertGreaterEqual(len(answers) - len(refused), 40)
        self.assert_problem(refused[0], 429, "/health")
        self.assertEqual(refused[0].headers["Retry-After"], "1")
        # The page itself is not counted.
        self.assertEqual(limited.ask("GET", "/").status, 200)
        time.sleep(1)
        self.assertEqual(limited.ask("GET", "/health").status, 200)

    def test_unlimited_lifts_it(self):
        statuses = {a.status for a in self.many(free, "/health", 150)}
        self.assertEqual(statuses, {200})


class SlowClientTest(FrontTest):
    def test_slow_clients_hold_nobody_up_and_are_cut_off(self):
        slow = []
        for i in range(40):
            plain = socket.create_connection(("127.0.0.1", free.port), 20)
            stream = unverified().wrap_socket(plain)
            if i % 2:
                stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            else:
                stream.sendall(b"POST /api/data/locations HTTP/1.1\r\n"
                               b"Host: localhost\r\nContent-Length: 500\r\n"
                               b"Content-Type: application/json\r\n\r\n{")
            slow.append(stream)
        begun = time.monotonic()
        self.assertEqual(free.ask("GET", "/health").status, 200)
        self.assertLess(time.monotonic() - begun, 2)
        for stream in slow:
            stream.settimeout(20)
            try:
                while stream.recv(4096):
                    pass
            except OSError:
                pass
            stream.close()
        self.assertLess(time.monotonic() - begun, 16)


class StopTest(FrontTest):
    """What is left when it stops. The two shared trials stand by and must not
    notice any of it."""

    def setUp(self):
        self.trial = Trial(f"stop-{self._testMethodName}", "--workers", "2")
        self.trial.start()
        self.family = descendants(self.trial.process.pid)
        self.assertGreaterEqual(len(self.family), 5)

    def one_of(self, pattern):
        return [p for p in self.family if re.search(pattern, command_of(p))]

    def assert_all_gone(self, seconds=0.5):
        self.assertTrue(wait_for(lambda: not living(self.family), seconds),
                        [command_of(p) for p in living(self.family)])
        self.assertFalse((self.trial.state / "run" / "api.sock").exists())
        self.assert_bystanders()

    def assert_bystanders(self):
        for trial in (free, limited):
            self.assertIsNone(trial.process.poll())
            self.assertEqual(trial.ask("GET", "/health").status, 200)

    def test_term_stops_everything_it_started_and_nothing_else(self):
        self.assertEqual(self.trial.stop(signal.SIGTERM), (0, ""))
        self.assert_all_gone()

    def test_int_stops_it_too_even_where_a_shell_ignored_it(self):
        self.trial.stop()
        self.trial.start(preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                          signal.SIG_IGN))
        self.family = descendants(self.trial.process.pid)
        self.assertEqual(self.trial.stop(signal.SIGINT), (0, ""))
        self.assert_all_gone()

    def test_after_kill_9_nothing_lives_on_and_it_starts_again(self):
        self.trial.stop(signal.SIGKILL)
        self.trial.start()
        self.assertEqual(living(self.family), [])
        self.assertEqual(self.trial.ask("GET", "/health").status, 200)
        self.assertEqual(self.trial.stop(), (0, ""))
        self.assert_bystanders()

    def test_a_pool_that_dies_is_told_and_the_rest_stopped(self):
        os.kill(self.one_of("multiwatch")[0], signal.SIGKILL)
        self.assertEqual(self.trial.process.wait(20), 1)
        self.assertIn("the pool of workers ended", self.trial.log.read_text())
        self.assert_all_gone(5)

    def test_an_nginx_that_dies_is_told_and_the_rest_stopped(self):
        os.kill(self.one_of("nginx: master")[0], signal.SIGKILL)
        self.assertEqual(self.trial.process.wait(20), 1)
        self.assertIn("nginx ended", self.trial.log.read_text())
        self.assert_all_gone(5)


if __name__ == "__main__":
    unittest.main()

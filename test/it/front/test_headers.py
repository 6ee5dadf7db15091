"""The security headers over every status that the stack can give, nginx's own
answers and the program's alike, and what they are worth. The program's are
given by a stand-in behind nginx where the real one gives them seldom."""

import email.message
import os
import pathlib
import signal
import socket
import struct
import threading
import unittest

import stack
from grade import grade
from pool import END, STDIN, STDOUT, record
from stack import FrontTest, Trial, parse_raw, wait_for

LEAST = 120
HSTS = "max-age=63072000"
# What a program may answer; nginx passes it on.
OF_THE_PROGRAM = (200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413,
                  415, 422, 429, 500, 501, 503, 507)

front = None        # a trial with HSTS, as the package has it


class StandIn:
    """In place of the pool: answers /api/status/N with status N."""

    def __init__(self, path):
        self.path = path
        self.aside = path.with_suffix(".aside")
        self.listener = socket.socket(socket.AF_UNIX)

    def __enter__(self):
        self.path.rename(self.aside)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.path.unlink()
        self.aside.rename(self.path)

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            with plain:
                self.answer(plain)

    def answer(self, plain):
        got = b""
        while record(STDIN) not in got:
            chunk = plain.recv(65536)
            if not chunk:
                return
            got += chunk
        status = int(got.partition(b"/api/status/")[2][:3])
        body = b'{"a":"b"}' if status not in (204, 304) else b""
        plain.sendall(
            record(STDOUT, b"Status: %d Word\r\nCache-Control: no-store\r\n"
                   b"Content-Type: application/json\r\n"
                   b"X-Dum-Actor: user:someone\r\n\r\n%s" % (status, body))
            + record(STDOUT) + record(END, struct.pack(">IB3x", 0, 0)))


def setUpModule():
    global front
    stack.begin()
    front = Trial("headers", "--workers", "1", "--unlimited")
    front.start()
    # A trial does without: a browser would keep it for all of localhost.
    conf = front.state / "nginx" / "dum" / "dum-http.conf"
    conf.write_text(conf.read_text().replace(
        '$dum_hsts {\n    volatile;\n    default "";',
        f'$dum_hsts {{\n    volatile;\n    default "{HSTS}";'))
    reload_nginx()


def tearDownModule():
    stack.end()


def reload_nginx():
    """The old workers still answer for a while: until none is left."""
    pid = (front.state / "run" / "nginx.pid").read_text().strip()
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    old = set(children.read_text().split())
    os.kill(int(pid), signal.SIGHUP)
    if not wait_for(lambda: not old & set(children.read_text().split()), 20):
        raise AssertionError("nginx did not take its configuration anew")


class HeaderTest(FrontTest):
    def assert_grade(self, answer, status):
        self.assertEqual(answer.status, status)
        for name in ("Content-Security-Policy", "X-Content-Type-Options",
                     "Strict-Transport-Security", "X-Request-Id",
                     "Cache-Control"):
            self.assertEqual(len(answer.headers.get_all(name) or []), 1, name)
        self.assertGreaterEqual(grade(answer.headers), LEAST)
        self.assertIsNone(answer.headers["X-Dum-Actor"])

    def raw(self, head, tls=True):
        return parse_raw(front.raw(
            (head + "\r\nConnection: close\r\n\r\n").encode(), tls))

    def test_each_status_of_the_program(self):
        with StandIn(front.state / "run" / "api.sock"):
            for status in OF_THE_PROGRAM:
                with self.subTest(status=status):
                    answer = front.ask("GET", f"/api/status/{status}")
                    self.assert_grade(answer, status)

    def test_each_status_of_nginx(self):
        big = str((64 << 10) + 1)
        host = "Host: localhost\r\n"
        for status, head in (
                (200, f"GET / HTTP/1.1\r\n{host}"),
                (400, f"GET /api/%zz HTTP/1.1\r\n{host}"),
                (404, f"GET /nothing HTTP/1.1\r\n{host}"),
                (405, f"POST / HTTP/1.1\r\n{host}Content-Length: 0\r\n"),
                (405, f"TRACE /api/x HTTP/1.1\r\n{host}"),
                (413, f"POST /api/x HTTP/1.1\r\n{host}"
                      f"Content-Length: {big}\r\n"),
                (414, f"GET /{'a' * 9000} HTTP/1.1\r\n{host}"),
                (421, "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n"),
                (431, f"GET / HTTP/1.1\r\n{host}X: {'a' * 9000}\r\n"),
                (501, f"POST /api/x HTTP/1.1\r\n{host}"
                      "Transfer-Encoding: strange\r\n"),
                (505, f"GET / HTTP/3.0\r\n{host}")):
            with self.subTest(status=status, request=head[:40]):
                self.assert_grade(self.raw(head.removesuffix("\r\n")), status)

    def test_a_range_is_answered_with_the_whole(self):
        # nginx 1.22 sends each header twice with a 416.
        for wanted in ("bytes=0-9", "bytes=999999-"):
            answer = front.ask("GET", "/", None, {"Range": wanted})
            self.assert_grade(answer, 200)
            self.assertIsNone(answer.headers["Content-Range"])

    def test_not_modified(self):
        tag = front.ask("GET", "/").headers["ETag"]
        self.assert_grade(front.ask("GET", "/", None, {"If-None-Match": tag}),
                          304)

    def test_plain_http(self):
        answer = self.raw("GET /api/x HTTP/1.1\r\n"
                          f"Host: 127.0.0.1:{front.port}", tls=False)
        self.assertTrue(answer.headers["Location"].startswith(
            f"https://127.0.0.1:{front.port}/"))
        self.assert_grade(answer, 308)

    def test_no_pool_and_a_pool_that_hangs(self):
        path = front.state / "run" / "api.sock"
        aside = path.with_suffix(".aside")
        path.rename(aside)
        try:
            self.assert_grade(front.ask("GET", "/health"), 502)
            # Nobody accepts here, as when all workers hang.
            with socket.socket(socket.AF_UNIX) as silent:
                silent.bind(str(path))
                silent.listen(8)
                self.assert_grade(front.ask("GET", "/health"), 504)
            path.unlink()
        finally:
            aside.rename(path)
        self.assertEqual(front.ask("GET", "/health").status, 200)


class GradeTest(unittest.TestCase):
    """The scale itself, by the values that its table names."""

    def worth(self, **changes):
        headers = email.message.Message()
        for name, value in {
                "Content-Security-Policy":
                    "default-src 'none'; form-action 'none'; "
                    "frame-ancestors 'none'",
                "Referrer-Policy": "no-referrer",
                "Strict-Transport-Security": HSTS,
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cross-Origin-Embedder-Policy": "require-corp",
                "Cross-Origin-Opener-Policy": "same-origin",
                **changes}.items():
            if value is not None:
                headers[name] = value
        return grade(headers)

    def test_the_set_that_the_table_was_computed_for(self):
        cookie = "__Host-x=1; Path=/; Secure; HttpOnly; SameSite=Strict"
        self.assertEqual(self.worth(**{"Set-Cookie": cookie}), 155)
        self.assertEqual(self.worth(), 150)

    def test_what_is_missing_costs(self):
        for name, left in (("Content-Security-Policy", 75),
                           ("Strict-Transport-Security", 80),
                           ("Referrer-Policy", 145)):
            with self.subTest(missing=name):
                self.assertLessEqual(self.worth(**{name: None}), left)
        self.assertEqual(self.worth(**{"Set-Cookie": "dum=1; HttpOnly"}), 60)
        self.assertEqual(self.worth(**{"Content-Security-Policy":
                                       "default-src 'unsafe-inline'"}), 60)
        self.assertEqual(self.worth(**{
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Credentials": "true"}), 50)


if __name__ == "__main__":
    unittest.main()

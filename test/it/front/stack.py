"""What the tests of the front share: a scripts/run of their own, requests to
it, and looks at the processes that it started. Standard library only;
everything stays on loopback."""

import http.client
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
RUN = str(TOP / "scripts" / "run")

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'")
API_CSP = ("default-src 'none'; base-uri 'none'; form-action 'none'; "
           "frame-ancestors 'none'")
FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}

scratch = None      # folder of everything that the tests write
trials = []         # all that were ever started


def begin():
    """For setUpModule()."""
    global scratch
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="dum-front."))
    # Built first, so that no time-out below has to allow for it.
    subprocess.run(["flock", str(TOP / "Makefile"),
                    "make", "-s", "-C", str(TOP)], check=True,
                   stdout=subprocess.DEVNULL)


def end():
    """For tearDownModule()."""
    for trial in trials:
        trial.stop()
    shutil.rmtree(scratch)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def unverified():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def wait_for(condition, seconds):
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def stat_of(pid):
    """(parent, start time, state) of a process, or None."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return int(fields[1]), fields[19], fields[0]


def processes():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = stat_of(name)
            if stat is not None and stat[2] != "Z":
                found[int(name)] = stat
    return found


def descendants(pid):
    """{pid: start time} of all that a process started, itself left out."""
    everything, family, size = processes(), {pid}, 0
    while len(family) != size:
        size = len(family)
        family |= {p for p, s in everything.items() if s[0] in family}
    return {p: everything[p][1] for p in family - {pid} if p in everything}


def living(family):
    now = processes()
    return [p for p, started in family.items()
            if p in now and now[p][1] == started]


def command_of(pid):
    try:
        raw = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Trial:
    """One scripts/run and the folder and port that belong to it."""

    def __init__(self, name, *arguments, state=None):
        self.state = pathlib.Path(state or scratch) / name
        self.port = free_port()
        self.arguments = arguments
        self.process = None
        self.ready = ""
        self.log = scratch / f"{name}.stderr"
        trials.append(self)

    def spawn(self, **options):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [RUN, "--state", str(self.state), "--port", str(self.port),
                 *self.arguments], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, text=True, **options)

    def start(self, **options):
        self.spawn(**options)
        watchdog = threading.Timer(40, self.process.kill)
        watchdog.start()
        self.ready = self.process.stdout.readline()
        watchdog.cancel()
        if not self.ready:
            self.process.wait()
            self.stop()
            raise AssertionError(f"{self.state} did not start: "
                                 + self.log.read_text())

    def stop(self, with_signal=signal.SIGTERM):
        """Exit status and what else it wrote to stdout; no more than once."""
        process, self.process = self.process, None
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(with_signal)
        rest = process.communicate(timeout=30)[0]
        return process.returncode, rest

    def admin(self, *arguments, text=None):
        """What dum-admin says, with the settings of this trial."""
        return subprocess.run(
            [TOP / "build/release/bin/dum-admin",
             "--config", self.state / "dum.conf", *arguments], check=True,
            capture_output=True, text=True, input=text, timeout=20).stdout

    def connect(self, timeout=20):
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=unverified(), timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def raw(self, data, tls=True, timeout=20):
        """Send bytes, return all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port),
                                      timeout=timeout) as plain:
            stream = unverified().wrap_socket(plain) if tls else plain
            with stream:
                stream.sendall(data)
                got = b""
                while chunk := stream.recv(65536):
                    got += chunk
            return got


class FrontTest(unittest.TestCase):
    def assert_headers(self, answer, csp):
        headers = answer.headers
        self.assertEqual(headers.get_all("Content-Security-Policy"), [csp])
        for name, value in FIXED_HEADERS.items():
            self.assertEqual(headers.get_all(name), [value], name)
        self.assertIn("geolocation=()", headers["Permissions-Policy"])
        self.assertRegex(headers["X-Request-Id"], "^[0-9a-f]{32}$")
        self.assertEqual(headers["Server"], "nginx")
        self.assertEqual(len(headers.get_all("Cache-Control")), 1)
        # The certificate is not a real one.
        self.assertIsNone(headers["Strict-Transport-Security"])

    def assert_problem(self, answer, status, instance=None):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assert_headers(answer, API_CSP)
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        for member in ("type", "title", "detail"):
            self.assertTrue(problem[member])
        self.assertEqual(problem["request_id"], answer.headers["X-Request-Id"])
        if instance is not None:
            self.assertEqual(problem["instance"], instance)

    def assert_page(self, answer, status):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.headers["Content-Type"],
                         "text/html; charset=utf-8")
        self.assert_headers(answer, PAGE_CSP)
        self.assertIn(str(status).encode(), answer.body)
        self.assertNotIn(b"style", answer.body)
        self.assertNotIn(b"<script", answer.body)


def parse_raw(data):
    """An Answer made of raw bytes."""
    class Source:
        def makefile(self, _mode):
            return io.BytesIO(data)
    response = http.client.HTTPResponse(Source())
    response.begin()
    return Answer(response)

"""Malformed FastCGI straight to the workers' socket, where only nginx should
be: nothing is written out of bounds, no worker ends, and the next request is
answered. Against the program and against its build with sanitizers."""

import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

from pool import (ABORT, DATA, GET_VALUES, PARAMS, RELEASE, STDIN, TOP, Pool,
                  answer_of, begin, head, length, pair, record, request,
                  stream)

scratch = None
release = None      # the program as it is shipped
asan = None         # with address and undefined-behaviour sanitizers
hung = None         # workers held up since the tests began
holding = []        # by these connections
held = set()        # were these workers
pools = []


def setUpModule():
    global scratch, release, asan, hung, held
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="dum-fastcgi."))
    for arguments in (["programs"],
                      ["VARIANT=asan", "build/asan/bin/dum-api"]):
        subprocess.run(["flock", TOP / "Makefile", "make", "-s", "-C", TOP,
                        *arguments], check=True, stdout=subprocess.DEVNULL)
    hung = start("hung", RELEASE)
    held = hung.workers()
    # Held up now, looked at when the others are done: it takes 10 s.
    for half in (begin(), begin() + record(PARAMS, head())[:40]):
        plain = hung.connect(timeout=30)
        plain.sendall(half)
        holding.append(plain)
    release = start("release", RELEASE)
    asan = start("asan", TOP / "build" / "asan" / "bin")


def start(name, programs, **how):
    pools.append(Pool(scratch / name, programs=programs, **how))
    return pools[-1]


def tearDownModule():
    for plain in holding:
        plain.close()
    for pool in pools:
        pool.stop()
    shutil.rmtree(scratch)


def with_length(text, body=b"abc"):
    return (begin() + stream(PARAMS, head("POST", "/api/auth/login", body,
                                          CONTENT_LENGTH=text))
            + stream(STDIN, body))


def noise(size):
    return random.Random(20260).randbytes(size)


# What is sent, and whether the sender says that no more comes. All of it is
# closed by the worker at last.
CASES = {
    "nothing, and closed": (b"", True),
    "nothing, and left open": (b"", False),
    "a request in HTTP": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", True),
    "64 KiB of noise": (noise(65536), True),
    "noise after a proper beginning": (begin() + noise(4096), True),
    "versions 0, 2 and 255": (begin(version=0) + begin(version=2)
                              + begin(version=255), True),
    "half a record's header": (begin()[:4], True),
    "a record that is longer than what follows":
        (begin() + record(PARAMS, b"abc", says=65535), True),
    "a beginning of four bytes": (record(1, b"\0\1\0\0"), True),
    "a role that there is not": (begin(role=99) + stream(PARAMS, head()), True),
    "authorizer and filter": (begin(role=2) + begin(role=3)
                              + stream(PARAMS, head()) + record(STDIN), True),
    "a second request on the same connection":
        (begin() + begin(request=2) + stream(PARAMS, head())
         + record(STDIN), True),
    "aborted after the beginning": (begin() + record(ABORT), True),
    "aborted in the parameters":
        (begin() + record(PARAMS, head()) + record(ABORT), True),
    "aborted before any beginning": (record(ABORT), True),
    "parameters before the beginning":
        (stream(PARAMS, head()) + begin() + record(STDIN), True),
    "the body before the parameters":
        (begin() + record(STDIN, b"abc") + stream(PARAMS, head()), True),
    "request number 0": (begin(request=0), True),
    "records of another request's number":
        (begin() + record(PARAMS, head(), request=7)
         + record(PARAMS, request=7), True),
    "parameters without an end": (begin() + record(PARAMS, head()), True),
    "a name longer than all that follows":
        (begin() + stream(PARAMS, length(5000) + length(3) + b"abc"), True),
    "lengths that overflow when they are added":
        (begin() + stream(PARAMS, struct.pack(">II", 0xffffffff, 0xffffffff)
                          + b"abc"), True),
    "600 KB of parameters":
        (begin() + stream(PARAMS, head(HTTP_X="x" * 600_000))
         + record(STDIN), False),
    "20,000 parameters":
        (begin() + stream(PARAMS, head() + b"".join(
            pair(f"HTTP_X{i}", "y") for i in range(20_000)))
         + record(STDIN), False),
    "NUL in names and values":
        (begin() + stream(PARAMS, pair("REQUEST_METHOD\0", "GET")
                          + head(REQUEST_URI="/hea\0lth",
                                 HTTP_COOKIE="__Host-dum=\0\0")) + record(STDIN),
         False),
    "a length of -1": (with_length("-1"), False),
    "a length of 99999 for three bytes": (with_length("99999"), False),
    "a length past 64 bits": (with_length("18446744073709551619"), False),
    "a length with a sign and a blank":
        (with_length("+3") + with_length(" 3"), False),
    "a body longer than its length": (with_length("1", b"a" * 70_000), False),
    "neither method nor address":
        (begin() + stream(PARAMS, head(REQUEST_METHOD=None, REQUEST_URI=None))
         + record(STDIN), False),
    "an address of a megabyte":
        (begin() + stream(PARAMS, head(uri="/" + "a" * 1_000_000))
         + record(STDIN), False),
    "lines in what becomes headers and log lines":
        (request(REQUEST_ID="a\r\nSet-Cookie: b", REMOTE_ADDR="1\n2\r\n3"),
         False),
    "credentials of 300 KB each":
        (request("GET", "/api/data/locations",
                 HTTP_AUTHORIZATION="Bearer dum_" + "a" * 300_000,
                 HTTP_COOKIE="__Host-dum=" + "b" * 300_000), False),
    "padding that does not come":
        (begin() + record(PARAMS, head())[:6] + b"\xff\0", True),
    "questions about the library, then silence":
        (record(GET_VALUES, pair("FCGI_MAX_CONNS", ""), request=0), True),
    "a type of record that there is not":
        (record(77, b"abc", request=0) + request(), True),
    "data for a filter": (begin() + stream(PARAMS, head())
                          + stream(DATA, b"abc") + record(STDIN), True),
}


class FastCgiTest(unittest.TestCase):
    maxDiff = None

    def assert_serves(self, pool):
        self.assertEqual(pool.ask()[0], 200)

    def survive(self, pool):
        before = pool.workers()
        self.assertEqual(len(before), 2)
        for name, (data, half_close) in CASES.items():
            with self.subTest(sent=name):
                pool.send(data, half_close)
                self.assert_serves(pool)
                self.assertEqual(pool.workers(), before)

    def test_no_malformed_request_ends_a_worker(self):
        self.assertGreaterEqual(len(CASES), 24)
        self.survive(release)

    def test_no_malformed_request_is_read_out_of_bounds(self):
        self.survive(asan)
        self.assertNotRegex(asan.log.read_text(),
                            "Sanitizer|runtime error:")

    def test_the_sanitizers_are_there(self):
        # Else the test above could not fail.
        for pool, there in ((release, False), (asan, True)):
            maps = pathlib.Path(f"/proc/{min(pool.workers())}/maps")
            self.assertEqual("libasan" in maps.read_text(), there)

    def test_large_requests_leave_no_memory_behind(self):
        # All of a worker's memory is 256 MiB at most in the package.
        for name in ("600 KB of parameters", "20,000 parameters",
                     "an address of a megabyte"):
            for _ in range(20):
                release.send(*CASES[name])
        for pid in release.workers():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            kib = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
            self.assertLess(kib, 48 << 10)

    def test_what_makes_the_library_abort_costs_one_worker_for_a_moment(self):
        # Name length 0x7ffffffe: libfcgi asserts that its malloc worked.
        # A worker that another test ended may be on its way still.
        deadline = time.monotonic() + 5
        while len(release.workers()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        before = release.workers()
        release.send(begin() + record(PARAMS, b"\xff\xff\xff\xfe\1abc"), True)
        self.assert_serves(release)
        deadline = time.monotonic() + 5
        while len(release.workers()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(len(release.workers()), 2)
        self.assertGreaterEqual(len(release.workers() & before), 1)
        self.assert_serves(release)

    def test_a_body_of_another_length_than_told_is_400(self):
        for name in ("a length of -1", "a length of 99999 for three bytes",
                     "a length past 64 bits"):
            with self.subTest(sent=name):
                out = answer_of(release.send(*CASES[name]))
                self.assertRegex(out, rb"Status: 4(00|13)")

    def test_who_sent_a_body_that_nobody_reads_gets_the_whole_answer(self):
        # Closed with a part of it unread, the connection would be reset.
        for _ in range(20):
            status, text = release.ask(
                "POST", "/api/data/daily-usage", b"x" * 900_000,
                HTTP_AUTHORIZATION="Bearer dum_00000000_" + "a" * 43)
            self.assertEqual((status, text[-1:]), (401, b"}"))

    def test_a_worker_does_not_wait_for_its_answer_to_be_read(self):
        alone = start("alone", RELEASE, workers=1, linger_ms=60_000)
        with alone.connect() as slow:
            slow.sendall(request())
            self.assertEqual(alone.ask()[0], 200)
            self.assertIn(b"Status: 200", answer_of(slow.recv(65536)))

    def test_nothing_that_was_sent_makes_a_header_or_a_log_line(self):
        seen = release.log.stat().st_size
        data, half_close = CASES["lines in what becomes headers and log lines"]
        out = answer_of(release.send(data, half_close))
        self.assertNotIn(b"Set-Cookie", out.partition(b"\r\n\r\n")[0])
        with open(release.log, "rb") as log:
            log.seek(seen)
            for line in log.read().splitlines():
                self.assertRegex(line, rb"^\d{4}-\d\d-\d\dT\S+Z [A-Z]+ dum-api")

    def test_workers_that_are_held_up_end_themselves(self):
        # More callers than workers, none of which goes on: new workers come.
        deadline = time.monotonic() + 25
        while hung.workers() & held and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(hung.workers() & held, set())
        self.assert_serves(hung)
        self.assertEqual(hung.log.read_text().count("hung in a request"), 2)


if __name__ == "__main__":
    unittest.main()

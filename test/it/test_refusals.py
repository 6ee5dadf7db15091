"""Requests that are wrong: each gets a clear error and changes nothing.

One table of requests, and after each a look at all data that people entered.
They go through nginx, as those of any client do.
"""

import concurrent.futures
import datetime
import json
import socket
import unittest

from service import JSON, TLS, Service
from test_stack import today_of

DAYS = "/api/data/daily-usage"
PLACES = "/api/data/locations"
TRENDS = "/api/dashboard/usage-trends"
OVERVIEW = "/api/dashboard/overview"
CYCLES = "/api/data/cycles"
BILLS = "/api/data/monthly-summaries"
SETTING = "/api/settings/billing-cycle"
HUGE = "9" * 30
GET_ONLY = "GET, HEAD, OPTIONS"


def day(**members):
    """A body that would be taken, but for the members given; ...: left out."""
    whole = {"date": "2024-05-31", "location_id": 1, "usage_gb": 1, **members}
    return json.dumps({k: v for k, v in whole.items() if v is not ...})


def bill(**members):
    whole = {"period_start": "2024-05-13", "location_id": 1,
             "total_usage_gb": 1, **members}
    return json.dumps({k: v for k, v in whole.items() if v is not ...})


def setting(**members):
    whole = {"cycle_day": 5, "valid_from": "1999-01-01", **members}
    return json.dumps({k: v for k, v in whole.items() if v is not ...})


def in_days(text):
    """A body of a day with JSON text as its amount."""
    return '{"date": "2024-05-31", "location_id": 1, "usage_gb": %s}' % text


# Query parameters: (path, parameter at fault or None).
QUERIES = [
    *[(f"{DAYS}?start_date={text}", "start_date") for text in (
        "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1",
        "20240101", "2024-01-01T00:00:00Z", "01/02/2024", "today", "",
        "2024-01-01%20", "2024-01-0%C3%A1", "0000-01-01", "-2024-01-01",
        HUGE)],
    (f"{DAYS}?end_date=2024-06-31", "end_date"),
    (f"{DAYS}?start_date=2024-02-02&end_date=2024-02-01", "end_date"),
    *[(f"{DAYS}?location_id={text}", "location_id") for text in (
        "0", "-1", "1.0", "1e1", "x", "", "99", HUGE, "1%20", "+1", "0x1",
        "1%27%20OR%20%271")],
    *[(f"{DAYS}?page={text}", "page") for text in (
        "0", "-1", "x", "1.5", "", HUGE, "9999999999")],
    *[(f"{DAYS}?per_page={text}", "per_page") for text in (
        "0", "-1", "1001", "x", "")],
    *[(f"{TRENDS}?days={text}", "days") for text in (
        "0", "-1", "3661", "30.0", "x", "", HUGE)],
    (f"{TRENDS}?format=xml", "format"),
    (f"{TRENDS}?format=", "format"),
    (f"{TRENDS}?format=ROWS", "format"),
    (f"{TRENDS}?location_id=99", "location_id"),
    (f"{PLACES}?include_inactive=maybe", "include_inactive"),
    (f"{PLACES}?include_inactive=", "include_inactive"),
    *[(f"{path}?location_id={text}", "location_id")
      for path in (CYCLES, BILLS, SETTING) for text in ("0", "99", "x", HUGE)],
    *[(f"{CYCLES}?limit={text}", "limit") for text in (
        "0", "-1", "1201", "12.0", "x", "", HUGE)],
    *[(f"{SETTING}?preview_day={text}&valid_from=2999-01-01", name)
      for text, name in (("0", "preview_day"), ("32", "preview_day"),
                         ("1.0", "preview_day"), ("5", "valid_from"))],
    (f"{SETTING}?preview_day=5&valid_from=1999-01-01", "valid_from"),
    (f"{SETTING}?preview_day=5", "valid_from"),
    (f"{SETTING}?valid_from=2999-01-01", "preview_day"),
    # Names that are not there, or there twice.
    (f"{BILLS}?limit=5", "limit"),
    ("/api/openapi.json?pretty=1", "pretty"),
    (f"{DAYS}?limit=5", "limit"),
    (f"{TRENDS}?day=5", "day"),
    (f"{OVERVIEW}?days=5", "days"),
    (f"{PLACES}?Include_Inactive=true", "Include_Inactive"),
    (f"{DAYS}/1?x=1", "x"),
    (f"{TRENDS}?days=5&days=6", "days"),
    (f"{DAYS}?page=1&page=1", "page"),
    # Text that is no text.
    *[(f"{DAYS}?start_date={text}", None) for text in (
        "%", "%4", "%zz", "%00", "2024-01-01%00", "%ff", "%c0%af", "%0a",
        "%ed%a0%80", "a" * 2000)],
    (f"{DAYS}?=1", None),
    (f"{DAYS}?%00=1", None),
    (f"{DAYS}?{'a' * 300}=1", None),
    ("/health?x=1", "x"),
]

# Bodies: (method, path, body, member at fault or None).
BODIES = [
    *[("POST", DAYS, body, None) for body in (
        "", " ", "x", "[]", "[1]", '"text"', "1", "null", "true", "{",
        '{"date"', day() + "x", day() + "{}", day()[:-1], "{'date': 1}",
        '{"date": "2024-05-31",}', "\ufeff" + day(), day().encode("utf-16"),
        b'{"date": "\xff"}', b'{"date": "\xed\xa0\x80"}', '{"a": "\\ud800"}',
        '{"date": "2024-05-31\n"}', "{" + " " * 70 + "\0}",
        '{"a":' * 40 + "1" + "}" * 40, "[" * 5000, '{"a":' + "[" * 33 + "]" * 33
        + "}", '{"date": "2024-05-31", "date": "2024-05-31"}', in_days("NaN"),
        in_days("Infinity"), in_days("01"), in_days("+1"), in_days("1."),
        in_days(".5"), in_days("0x1"), in_days("1e400"))],
    *[("POST", DAYS, day(**{name: ...}), name)
      for name in ("date", "location_id", "usage_gb")],
    ("POST", DAYS, "{}", "date"),
    *[("POST", DAYS, day(date=value), "date") for value in (
        None, 1, True, [], {}, "", "2024-02-30", "2023-02-29", "2024-1-1",
        "31/05/2024", "2024-05-31T00:00:00Z", " 2024-05-31", "\u0662\u0660\u0662\u0664-01-01", "0000-01-01", "10000-01-01",
        "x" * 5000)],
    *[("POST", DAYS, day(location_id=value), "location_id") for value in (
        None, 0, -1, 1.5, 1.0, "1", True, [], 99, 2**53, 2**62)],
    *[("POST", DAYS, day(usage_gb=value), "usage_gb") for value in (
        None, -1, -0.000000001, 10000.000000001, 10001, 1e300, "1", "", True,
        [], {})],
    ("POST", DAYS, day(usage_mb=1), "usage_mb"),
    ("POST", DAYS, day(id=1), "id"),
    ("POST", DAYS, day(**{"~a/b": 1}), "~0a~1b"),
    ("POST", DAYS + "?x=1", day(), None),
    *[("PUT", DAYS + "/1", json.dumps(body), name) for body, name in (
        ({}, "usage_gb"), ({"usage_gb": -1}, "usage_gb"),
        ({"usage_gb": "2"}, "usage_gb"), ({"usage_gb": None}, "usage_gb"),
        ({"usage_gb": 10001}, "usage_gb"),
        ({"usage_gb": 2, "date": "2024-01-01"}, "date"), ([], None))],
    *[("POST", PLACES, json.dumps({"name": value}), "name") for value in (
        None, 1, True, [], "", " ", "\t", " x", "x ", "a" * 101, "a\nb",
        "\x1b[31m", "a\x7fb", "a\x85b", "a\u202eb", "\ufeff", "\u2028")],
    *[("PUT", BILLS, bill(period_start=value), "period_start") for value in (
        ..., None, 1, "", "2024-05-14", "2024-02-30", "9999-12-13")],
    *[("PUT", BILLS, bill(location_id=value), "location_id") for value in (
        ..., None, 0, 1.5, "1", 99)],
    *[("PUT", BILLS, bill(total_usage_gb=value), "total_usage_gb") for value in (
        ..., None, -1, 366000001, 1e300, "1", True)],
    ("PUT", BILLS, bill(period_end="2024-06-12"), "period_end"),
    *[("PUT", SETTING, setting(cycle_day=value), "cycle_day") for value in (
        ..., None, 0, 32, -1, 1.5, "13", True)],
    *[("PUT", SETTING, setting(valid_from=value), "valid_from") for value in (
        ..., None, 1, "1999-01-01", "2999-01-01", "2024-02-30", "today")],
    ("PUT", SETTING, setting(location_id=99), "location_id"),
    ("PUT", SETTING, setting(location_id=0), "location_id"),
    ("PUT", SETTING, setting(day=5), "day"),
    # A NUL is refused with the whole text.
    ("POST", PLACES, '{"name": "a\\u0000b"}', None),
    ("POST", DAYS, '{"date": "2024-05-31\\u0000"}', None),
    ("POST", PLACES, "{}", "name"),
    ("POST", PLACES, json.dumps({"name": "x", "is_active": True}), "is_active"),
    *[("POST", PLACES, json.dumps({"name": "x", "display_name": value}),
       "display_name") for value in (None, 1, "", " ", "a" * 201, "a\nb")],
    ("PATCH", PLACES + "/1", "{}", None),
    *[("PATCH", PLACES + "/1", json.dumps(body), name) for body, name in (
        ({"name": ""}, "name"), ({"name": None}, "name"),
        ({"display_name": ""}, "display_name"), ({"is_active": 1}, "is_active"),
        ({"is_active": "true"}, "is_active"), ({"id": 2}, "id"),
        ({"name": "x", "colour": "red"}, "colour"), ([], None))],
]

# What is not there: (method, path).
ABSENT = [
    *[("GET", path) for path in (
        "/api", "/api/", "/api/data", "/api/data/", "/api/data/nothing",
        PLACES + "/", DAYS + "/", DAYS + "/0", DAYS + "/-1", DAYS + "/x",
        DAYS + "/1.0", DAYS + "/01", DAYS + "/%31x", DAYS + "/" + HUGE,
        DAYS + "/1/", DAYS + "/1/2", DAYS + "/99", DAYS + "/1%20",
        DAYS + "/1;x", "/api/data/Daily-Usage", "/api/dashboard",
        "/api/" + "a" * 1000)],
    ("PUT", DAYS + "/99"), ("DELETE", DAYS + "/99"),
    ("DELETE", DAYS + "/0"), ("PATCH", PLACES + "/99"),
    ("PATCH", PLACES + "/x"), ("POST", "/api/nothing"),
]

# Methods that an address does not know: (method, path, Allow).
METHODS = [
    ("POST", OVERVIEW, GET_ONLY), ("DELETE", OVERVIEW, GET_ONLY),
    ("PUT", TRENDS, GET_ONLY), ("PATCH", TRENDS, GET_ONLY),
    ("PUT", DAYS, "GET, HEAD, POST, OPTIONS"),
    ("DELETE", DAYS, "GET, HEAD, POST, OPTIONS"),
    ("PATCH", DAYS + "/1", "GET, HEAD, PUT, DELETE, OPTIONS"),
    ("POST", DAYS + "/1", "GET, HEAD, PUT, DELETE, OPTIONS"),
    ("DELETE", PLACES, "GET, HEAD, POST, OPTIONS"),
    ("PROPFIND", DAYS, "GET, HEAD, POST, OPTIONS"),
    ("BREW", DAYS, "GET, HEAD, POST, OPTIONS"),
    ("POST", "/health", GET_ONLY),
    ("POST", CYCLES, GET_ONLY), ("POST", "/api/openapi.json", GET_ONLY),
    ("POST", BILLS, "GET, HEAD, PUT, OPTIONS"),
    ("DELETE", SETTING, "GET, HEAD, PUT, OPTIONS"),
]

# Content types that are not JSON.
TYPES = [None, "", "text/plain", "text/json", "application/jsonx",
         "application/json; charset=latin-1", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x", "application/xml", "json",
         "application/json-patch+json", "application/json;charset"]


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service("--workers", "2").start()
        cls.addClassCleanup(cls.service.stop)
        cls.service.tool("dum-import", "-",
                         data="Date,A,B\n2024-05-30,1,2\n2024-05-31,3,4\n")

    def setUp(self):
        self.before = self.service.data()
        self.client = self.service.client()
        self.addCleanup(self.client.close)

    def tearDown(self):
        """No refusal was a crash: no worker ended."""
        log = (self.service.state / "log" / "api.log").read_text()
        for word in ("died", "hung", "Assertion", "malformed"):
            self.assertNotIn(word, log)

    def refused(self, method, path, status, body=None, headers=None):
        """A problem of that status, and all data as it was."""
        answer = self.client.request(method, path, body, headers)
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        problem = answer.json()
        for name, kind in (("type", str), ("title", str), ("status", int),
                           ("detail", str), ("request_id", str)):
            self.assertIsInstance(problem[name], kind, name)
            self.assertTrue(problem[name], name)
        self.assertEqual(problem["status"], status)
        self.assertRegex(problem["request_id"], "^[0-9a-f]{32}$")
        self.assertEqual(problem["request_id"],
                         answer.headers["X-Request-Id"])
        if status != 421 and '"' not in path and "%" not in path:
            self.assertEqual(problem["instance"], path.split("?")[0])
        if status != 409:
            self.assertEqual("errors" in problem, status == 400)
        self.assert_unchanged()
        return answer

    def assert_unchanged(self):
        # The next request is compared with what this one left.
        before, self.before = self.before, self.service.data()
        self.assertEqual(self.before, before)

    def pointer(self, answer):
        """The place that an input error names."""
        errors = answer.json()["errors"]
        self.assertGreaterEqual(len(errors), 1)
        for error in errors:
            self.assertEqual(list(error), ["pointer", "detail"])
            self.assertTrue(error["detail"])
        return errors[0]["pointer"]

    def test_queries(self):
        for path, name in QUERIES:
            with self.subTest(path=path[:100]):
                answer = self.refused("GET", path, 400)
                if name is not None:
                    self.assertEqual(self.pointer(answer), name)

    def test_bodies(self):
        for method, path, body, name in BODIES:
            with self.subTest(method=method, path=path, body=body[:100]):
                if isinstance(body, str):
                    body = body.encode()
                answer = self.refused(method, path, 400, body, dict(JSON))
                if name is not None:
                    self.assertEqual(self.pointer(answer), "/" + name)

    def test_addresses(self):
        for method, path in ABSENT:
            with self.subTest(method=method, path=path[:100]):
                body = {"PUT": '{"usage_gb": 1}', "PATCH": '{"name": "x"}',
                        "POST": "{}"}.get(method)
                self.refused(method, path, 404, body)

    def test_an_address_that_is_too_long(self):
        answer = self.client.request("GET", "/api/" + "a" * 2000)
        self.assertIn(answer.status, (400, 404, 414), answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")

    def test_methods(self):
        for method, path, allow in METHODS:
            with self.subTest(method=method, path=path):
                answer = self.refused(method, path, 405)
                self.assertEqual(sorted(answer.headers["Allow"].split(", ")),
                                 sorted(allow.split(", ")))

    def test_media_types(self):
        for kind in TYPES:
            for method, path, body in (("POST", DAYS, day()),
                                       ("PUT", DAYS + "/1", '{"usage_gb": 9}'),
                                       ("POST", PLACES, '{"name": "x"}'),
                                       ("PATCH", PLACES + "/1",
                                        '{"name": "x"}')):
                with self.subTest(method=method, kind=kind):
                    self.refused(method, path, 415, body,
                                 {"Content-Type": kind})

    def test_safeguards_that_are_empty(self):
        """They are wrong, not left out: the change was meant to be safe."""
        for name, status in (("Idempotency-Key", 400), ("If-Match", 412)):
            with self.subTest(name=name):
                self.refused("POST", DAYS, status, day(),
                             {**JSON, name: ""})

    def test_media_types_that_are_json(self):
        for number, kind in enumerate((
                "application/json", "APPLICATION/JSON",
                "application/json; charset=utf-8",
                'application/json;charset="UTF-8"')):
            answer = self.client.request(
                "PUT", DAYS + "/1", json.dumps({"usage_gb": number + 10}),
                {"Content-Type": kind})
            self.assertEqual(answer.status, 200, (kind, answer))

    def test_sizes(self):
        for method, path, limit in (("PUT", DAYS + "/1", 64 << 10),
                                    ("POST", PLACES, 64 << 10),
                                    ("PATCH", PLACES + "/1", 64 << 10)):
            with self.subTest(method=method, path=path):
                self.refused(method, path, 413, " " * (limit + 1))
        self.refused("POST", DAYS, 413, " " * ((1 << 20) + 1))
        self.refused("POST", DAYS, 400, " " * (60 << 10))

    def test_what_conflicts(self):
        for method, path, body in (
                ("POST", PLACES, {"name": "A"}),
                ("PATCH", PLACES + "/2", {"name": "A"})):
            answer = self.refused(method, path, 409, body)
            self.assertIn("A", answer.json()["detail"])

    def test_days_later_than_tomorrow(self):
        tomorrow = today_of(self.service) + datetime.timedelta(1)
        after = tomorrow + datetime.timedelta(1)
        answer = self.refused("POST", DAYS, 400, day(date=after.isoformat()))
        self.assertEqual(self.pointer(answer), "/date")
        made = self.client.request("POST", DAYS,
                                   day(date=tomorrow.isoformat()))
        self.assertEqual(made.status, 201, made)

    def raw(self, data):
        """Send bytes, and no more; the status of what comes back, 0: nothing."""
        key = f"Authorization: Bearer {self.service.key}\r\n"
        data = data.replace("KEY\r\n", key if self.service.key else "")
        with socket.create_connection(("127.0.0.1", self.service.port), 60) as s:
            with TLS.wrap_socket(s) as stream:
                stream.sendall(data.encode())
                got = b""
                while chunk := stream.recv(65536):
                    got += chunk
        return int(got.split()[1]) if got else 0

    def test_bodies_that_end_early_or_go_on(self):
        head = (f"PUT {DAYS}/1 HTTP/1.1\r\nHost: localhost\r\nKEY\r\n"
                "Content-Type: application/json\r\nConnection: close\r\n")
        cases = (
            # nginx waits for the rest, and then asks nobody.
            ("Content-Length: 500\r\n", '{"usage_gb": 7}', (0, 408)),
            ("Transfer-Encoding: chunked\r\n", "5\r\n{\"usa", (0, 408)),
            ("Content-Length: 5\r\n", '{"usage_gb": 7}', (400,)),
            ("Content-Length: -1\r\n", '{"usage_gb": 7}', (400,)),
            ("Content-Length: 1x\r\n", '{"usage_gb": 7}', (400,)),
            ("Transfer-Encoding: chunked\r\n", "zz\r\n", (400,)),
            ("Transfer-Encoding: gzip\r\n", "x", (400, 501)),
            ("", "", (400, 411)))
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            got = list(pool.map(
                lambda case: self.raw(head + case[0] + "\r\n" + case[1]), cases))
        for (extra, body, statuses), status in zip(cases, got):
            self.assertIn(status, statuses, (extra, body))
        self.assert_unchanged()

    def test_a_chunked_body_is_a_body(self):
        status = self.raw(
            f"PUT {DAYS}/1 HTTP/1.1\r\nHost: localhost\r\nKEY\r\n"
            "Content-Type: application/json\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "5\r\n{\"usa\r\na\r\nge_gb\": 77\r\n1\r\n}\r\n0\r\n\r\n")
        self.assertEqual(status, 200)
        self.assertEqual(self.service.query(
            "SELECT usage_bytes FROM daily_usage WHERE id = 1"), [(77 * 10**9,)])


if __name__ == "__main__":
    unittest.main(verbosity=1)

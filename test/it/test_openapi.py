"""The real service against docs/openapi.json, in both directions: each answer
is one that the document describes, and each status that it describes is given,
but for those that need a fault or a flood. (What a request may be is held
against the tables of the program in test/app/test_openapi.c.)
"""

import base64
import datetime
import hashlib
import hmac
import json
import struct
import time
import unittest
import urllib.parse

import jsonschema

from openapi import Document
from service import BIN, Answer, Service, wait_for

# Given where something fails or is overrun; other tests bring those about.
OF_FAULTS = {429, 500, 502, 503, 504, 507}

# Parameters whose examples can not hold on every day; settings() has them.
OF_THE_DAY = {"preview_day", "valid_from"}

PASSWORD = "correct horse battery"
NOT_THERE = "data_usage_backup_20010101_000000.db.gz"
DAYS = "/api/data/daily-usage"
BILLS = "/api/data/monthly-summaries"


def code_of(seed):
    """Six digits by RFC 6238."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    step = int(time.time()) // 30
    mac = hmac.digest(key, struct.pack(">Q", step), "sha1")
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06}"


def days_ago(days):
    return datetime.date.today() - datetime.timedelta(days)


class TheText(unittest.TestCase):
    document = Document()

    def walk(self, value, path=""):
        yield path, value
        items = (value.items() if isinstance(value, dict) else
                 enumerate(value) if isinstance(value, list) else ())
        for name, inner in items:
            if name not in ("example", "examples", "value"):
                yield from self.walk(inner, f"{path}/{name}")

    def test_its_references_lead_somewhere_and_nothing_is_left_over(self):
        used = set()
        for path, value in self.walk(self.document.text):
            if isinstance(value, dict) and "$ref" in value:
                self.assertTrue(self.document.resolve(value), path)
                used.add(value["$ref"])
        for kind, parts in self.document.text["components"].items():
            if kind != "securitySchemes":
                for name in parts:
                    self.assertIn(f"#/components/{kind}/{name}", used)

    def test_its_schemas_are_schemas(self):
        for path, value in self.walk(self.document.text):
            if path.endswith("/schema"):
                jsonschema.Draft202012Validator.check_schema(value)
        for schema in self.document.text["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_operations_have_names_of_their_own_and_words(self):
        names = [o.text["operationId"] for o in self.document.operations]
        self.assertEqual(len(set(names)), len(names))
        tags = {tag["name"] for tag in self.document.text["tags"]}
        for operation in self.document.operations:
            self.assertTrue(operation.text["summary"], operation.name)
            self.assertLessEqual(set(operation.text["tags"]), tags)
            for _, response in operation.responses():
                self.assertTrue(response["description"], operation.name)

    def test_each_example_is_what_its_schema_asks_for(self):
        count = 0
        for path, value in self.walk(self.document.text):
            if not isinstance(value, dict) or "schema" not in value:
                continue
            examples = [e["value"] for e in value.get("examples", {}).values()]
            if "example" in value:
                examples.append(value["example"])
            if "/headers/" not in path:
                self.assertTrue(examples, path)
            for example in examples:
                self.document.validate(path, value["schema"], example)
                count += 1
        self.assertGreater(count, 80)

    def test_an_answer_that_differs_is_seen(self):
        class Answer:
            status = 200
            headers = {"Content-Type": "application/json", "ETag": '"x"'}
            body = b"[]"

        class Wrong(Answer):
            pass
        target = "/api/data/locations"
        self.document.check("GET", target, Answer())
        for name, value in (
                ("status", 202), ("status", 404), ("body", b"{}"),
                ("body", b'[{"id":1}]'), ("headers", {"ETag": '"x"'}),
                ("headers", {"Content-Type": "application/json"}),
                ("body", b'[{"id":1,"name":"a","display_name":"A",'
                         b'"is_active":true,"more":1}]'),
                ("body", b'[{"id":"1","name":"a","display_name":"A",'
                         b'"is_active":true}]')):
            wrong = Wrong()
            setattr(wrong, name, value)
            with self.assertRaises(AssertionError, msg=f"{name} {value}"):
                self.document.check("GET", target, wrong)


class Person:
    """Somebody who has logged in with a browser."""

    def __init__(self, live, answer):
        self.live = live
        self.headers = {"Cookie": answer.headers["Set-Cookie"].split(";")[0],
                        "X-CSRF-Token": answer.json()["csrf_token"]}

    def ask(self, method, path, body=None, status=200):
        return self.live.ask(method, path, body, status, key=None,
                             headers=self.headers)


class Live(unittest.TestCase):
    """One service, asked for everything that the document has."""

    @classmethod
    def setUpClass(cls):
        cls.document = Document()
        # The cycle that runs has begun some days ago, whatever day it is.
        cls.service = Service("--workers", "2", settings={
            "BILLING_CYCLE_DAY": min(days_ago(5).day, 28)})
        cls.addClassCleanup(cls.service.stop)
        # dum-backup, which stands still for as long as a file is there.
        cls.hold = cls.service.folder / "hold"
        tools = cls.service.folder / "tools"
        tools.mkdir()
        (tools / "dum-import").symlink_to(BIN / "dum-import")
        (tools / "dum-backup").write_text(
            f"#!/bin/sh\nwhile [ -e '{cls.hold}' ]; do sleep 0.02; done\n"
            f"exec '{BIN}/dum-backup' \"$@\"\n")
        (tools / "dum-backup").chmod(0o755)
        cls.service.settings["TOOLS_DIR"] = tools
        cls.service.start()

    def ask(self, method, path, body=None, status=200, headers=None, key=...):
        answer = self.service.request(method, path, body, headers, key)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer}")
        self.document.check(method, path, answer)
        return answer

    def test_each_status_that_it_describes_is_given_as_it_describes(self):
        ada = self.the_first_admin()
        self.own_account(ada)
        self.users()
        self.keys()
        self.locations_and_days()
        self.bills_and_cycles()
        self.imports_and_jobs()
        self.conditions()
        self.settings()
        self.backups()
        self.reads()
        for operation in self.document.operations:
            self.refusals(operation, ada)
        ada.ask("POST", "/api/auth/logout", status=204)
        described = {(o.name, status) for o in self.document.operations
                     for status, _ in o.responses()}
        wanted = {(name, status) for name, status in described
                  if status not in OF_FAULTS}
        self.assertEqual(sorted(wanted - self.document.seen), [])

    # --- what goes well, and what is refused for what is there --------------

    def the_first_admin(self):
        self.ask("GET", "/health", key=None)
        self.ask("GET", "/health")
        self.ask("HEAD", "/health")
        link = (self.service.state / "setup-link").read_text().strip()
        setup = {"token": link.split("/")[-1], "username": "ada",
                 "password": PASSWORD}
        wrong = {**setup, "token": "no"}
        self.ask("POST", "/api/auth/setup", wrong, 401, key=None)
        answer = self.ask("POST", "/api/auth/setup", setup, 201, key=None)
        self.ask("POST", "/api/auth/setup", setup, 409, key=None)
        return Person(self, answer)

    def log_in(self, status=200, **more):
        return self.ask("POST", "/api/auth/login",
                        {"username": "ada", "password": PASSWORD, **more},
                        status, key=None)

    def own_account(self, ada):
        self.log_in(401, password="another pass phrase")
        elsewhere = Person(self, self.log_in())
        self.log_in()
        ada.ask("GET", "/api/auth/session")
        sessions = ada.ask("GET", "/api/auth/sessions").json()
        other = next(s["id"] for s in sessions if not s["current"])
        ada.ask("DELETE", f"/api/auth/sessions/{other}", status=204)
        ada.ask("DELETE", "/api/auth/sessions", status=204)
        elsewhere.ask("GET", "/api/auth/session", status=401)
        ada.ask("POST", "/api/auth/password", status=204, body={
            "current_password": PASSWORD, "new_password": PASSWORD + "!"})
        ada.ask("POST", "/api/auth/password", status=204, body={
            "current_password": PASSWORD + "!", "new_password": PASSWORD})
        self.second_factor(ada)

    def second_factor(self, ada):
        password = {"password": PASSWORD}
        ada.ask("POST", "/api/auth/totp/confirm", {"code": "123456"}, 409)
        seed = ada.ask("POST", "/api/auth/totp", password).json()["seed"]
        ada.ask("POST", "/api/auth/totp/confirm", {"code": "x"}, 400)
        codes = ada.ask("POST", "/api/auth/totp/confirm",
                        {"code": code_of(seed)}).json()["recovery_codes"]
        ada.ask("POST", "/api/auth/totp", password, 409)
        self.assertTrue(self.log_in(401).json()["code_required"])
        self.log_in(code=codes[0])
        ada.ask("DELETE", "/api/auth/totp", {**password, "code": codes[1]}, 204)

    def users(self):
        new = {"username": "vera", "password": PASSWORD, "role": "viewer"}
        vera = self.ask("POST", "/api/users", new, 201).json()
        self.ask("POST", "/api/users", new, 409)
        self.ask("GET", "/api/users")
        place = f"/api/users/{vera['id']}"
        self.ask("PATCH", place, {"role": "editor", "is_active": False})
        self.ask("PATCH", place, {"locations": [99]}, 400)
        self.ask("DELETE", place, status=204)
        self.ask("PATCH", "/api/users/1", {"role": "viewer"}, 409)
        self.ask("DELETE", "/api/users/1", status=409)

    def keys(self):
        made = [self.ask("POST", "/api/keys", status=201, body=body).json()
                for body in (
                    {"name": "metrics", "scopes": ["metrics"]},
                    {"name": "short", "scopes": ["read", "write"],
                     "expires_at": "2999-01-01T00:00:00Z"})]
        self.ask("DELETE", f"/api/keys/{made[1]['id']}", status=204)
        self.ask("GET", "/api/keys")
        self.weak = made[0]["key"]

    def locations_and_days(self):
        today = datetime.date.fromisoformat(
            self.ask("GET", "/api/dashboard/usage-trends?format=columns"
                     ).json()["dates"][-1])
        for name in ("branch_a", "branch_b"):
            self.ask("POST", "/api/data/locations", {"name": name}, 201)
        self.ask("POST", "/api/data/locations", {"name": "branch_a"}, 409)
        self.ask("PATCH", "/api/data/locations/2", {"is_active": False})
        self.ask("PATCH", "/api/data/locations/2", {"name": "branch_a"}, 409)
        for back in range(70):
            self.ask("POST", DAYS, status=201, body={
                "date": str(today - back * datetime.timedelta(1)),
                "location_id": 1, "usage_gb": back + 0.1})
        day = {"date": str(today), "location_id": 1, "usage_gb": 0}
        self.ask("POST", DAYS, day)
        self.ask("GET", f"{DAYS}/1")
        self.ask("PUT", f"{DAYS}/1", {"usage_gb": 1e-9})
        self.ask("DELETE", f"{DAYS}/2", status=204)

    def imports_and_jobs(self):
        """A small table, one with an error, one that becomes a job."""
        csv = {"Content-Type": "text/csv"}
        place = "/api/imports"

        def post(table, status=200, query=""):
            return self.ask("POST", place + query, table, status, csv)
        self.example = "Date,branch_c\n2020-01-01,9.9\n"
        number = post(self.example).json()["import_id"]
        post(self.example, query="?dry_run=true")
        post("Date,branch_c\n2020-01-02,-1\n", 400)
        self.ask("GET", place)
        day = next(d["id"] for d in self.ask("GET", DAYS).json()
                   if d["date"] == "2020-01-01")
        self.ask("PUT", f"{DAYS}/{day}", {"usage_gb": 1})
        self.ask("POST", f"{place}/{number}/undo", status=409)
        second = post("Date,branch_c\n2020-01-03,9.9\n").json()["import_id"]
        self.ask("POST", f"{place}/{second}/undo")
        start = datetime.date(1990, 1, 1)
        large = "Date," + ",".join(f"many {n}" for n in range(60)) + "".join(
            f"\n{start + datetime.timedelta(d)}" + ",1" * 60 for d in range(400))
        job = post(large, 202).headers["Location"]
        done = self.end_of(job)
        undo = self.ask("POST", f"{place}/{done['result']['import_id']}/undo",
                        status=202)
        self.end_of(undo.headers["Location"])

    def end_of(self, job):
        self.assertTrue(wait_for(lambda: self.ask("GET", job).json()["state"]
                                 in ("done", "failed"), pause=0.1))
        answer = self.ask("GET", job).json()
        self.assertEqual(answer["state"], "done", answer)
        return answer

    def conditions(self):
        """Many days, tables, stale changes, and repeats."""
        self.ask("POST", DAYS, [{"date": f"2019-01-{d:02}", "location_id": 1,
                                 "usage_gb": d} for d in range(1, 4)])
        self.ask("GET", DAYS, headers={"Accept": "text/csv"})
        stale = {"If-Match": '"0"'}
        bill = {"period_start": self.ask("GET", BILLS).json()[0]["period_start"],
                "location_id": 1, "total_usage_gb": 1}
        for method, path, body in (
                ("PUT", f"{DAYS}/1", {"usage_gb": 1}),
                ("DELETE", f"{DAYS}/1", None),
                ("PATCH", "/api/data/locations/1", {"is_active": True}),
                ("POST", DAYS, {"date": "2019-01-01", "location_id": 1, "usage_gb": 9}),
                ("PUT", BILLS, bill),
                ("PUT", "/api/settings/billing-cycle", {"cycle_day": 3, "valid_from": "2031-01-01"}),
                ("DELETE", f"{BILLS}/1", None)):
            self.ask(method, path, body, 412, stale)
        key = {"Idempotency-Key": "first"}
        for _ in range(2):
            self.ask("PUT", f"{DAYS}/1", {"usage_gb": 2}, headers=key)

    def bills_and_cycles(self):
        cycles = self.ask("GET", "/api/data/cycles?location_id=1").json()
        self.assertGreater(len(cycles), 2)
        for number, status in ((1, 201), (0, 201), (0, 200)):
            self.ask("PUT", BILLS, status=status, body={
                "period_start": cycles[number]["start"], "location_id": 1,
                "total_usage_gb": 12.5})
        self.assertEqual(len(self.ask("GET", BILLS).json()), 2)

    def settings(self):
        setting = "/api/settings/billing-cycle"
        start = self.ask("GET", "/api/data/cycles").json()[0]["start"]
        self.ask("GET", setting)
        # One by which a cycle has started, two days ago.
        number = self.ask("POST", "/api/data/locations", {"name": "cut"}, 201).json()["id"]
        cut = self.ask("PUT", setting, {"cycle_day": days_ago(2).day, "valid_from": start,
                                        "location_id": number}).json()["settings"][-1]
        self.ask("DELETE", f"{setting}/{cut['id']}", status=409)
        self.ask("GET", f"{setting}?preview_day=1&valid_from={start}")
        self.ask("GET", f"{setting}?preview_day=1&valid_from=1999-01-01",
                 status=400)
        self.ask("PUT", setting, {"cycle_day": 31, "valid_from": start,
                                  "location_id": 1})
        # The running cycle is cut; its bill is of more days than the stub.
        running = self.ask("GET", BILLS).json()[0]
        self.ask("PUT", BILLS, status=409, body={
            "period_start": running["period_start"], "location_id": 1,
            "total_usage_gb": 6})
        self.ask("DELETE", f"{BILLS}/{running['id']}", status=204)
        self.ask("PUT", setting, {"cycle_day": 28, "valid_from": start})
        later = str(days_ago(-90))
        own = self.ask("PUT", setting, {"cycle_day": 3, "valid_from": later,
                                        "location_id": 1}).json()["settings"][-1]
        self.assertEqual(own["valid_from"], later)
        self.ask("DELETE", f"{setting}/{own['id']}", status=412,
                 headers={"If-Match": '"0"'})
        self.ask("DELETE", f"{setting}/{own['id']}", status=204)
        self.ask("DELETE", f"{setting}/{own['id']}", status=404)
        self.ask("GET", f"{setting}?location_id=1")

    def backups(self):
        make, place = "/api/system/backup", "/api/system/backups"
        old = self.ask("POST", make, {"name": "before-move"}, 201)
        self.ask("GET", "/api/system/database-info")
        self.hold.touch()
        slow = self.ask("POST", make, status=202).headers["Location"]
        self.hold.unlink()
        self.file = self.end_of(slow)["result"]["file"]
        self.service.tool("dum-verify", status=None)
        one = f"{place}/{self.file}"
        self.end_of(self.ask("POST", f"{one}/verify", {"level": 3}, 202)
                    .headers["Location"])
        self.ask("POST", f"{one}/restore", {"confirm": "another"}, 400)
        job = self.ask("POST", f"{one}/restore", {"confirm": self.file},
                       202).headers["Location"]
        self.end_of(job)
        self.assertTrue(wait_for(lambda: self.ask("GET", job).json()
                                 ["result"]["fresh_backup"], pause=0.1))
        self.ask("GET", place)
        self.ask("HEAD", one)
        newest = next(b["file"] for b in self.ask("GET", place).json()
                      if b["proven"])
        self.ask("DELETE", f"{place}/{newest}", status=409)
        self.ask("DELETE", old.headers["Location"], status=204)

    def at(self, path, number="1", file=None):
        """A path of the document with a record that is there."""
        return path.replace("{id}", number).replace("{file}", file or self.file)

    def reads(self):
        """Every example of a parameter, by itself and all together."""
        for operation in self.document.operations:
            if operation.method != "GET" or not operation.scopes:
                continue
            path = self.at(operation.path)
            examples = [(p["name"], p["example"]) for p in map(
                self.document.resolve, operation.text.get("parameters", ()))
                if p["in"] == "query" and p["name"] not in OF_THE_DAY]
            tried = [[], examples, *([e] for e in examples)]
            for pairs in tried:
                query = urllib.parse.urlencode(
                    [(n, str(v).lower() if isinstance(v, bool) else v)
                     for n, v in pairs])
                self.ask("GET", f"{path}?{query}")

    # --- what is refused whatever is there ----------------------------------

    def refusals(self, operation, ada):
        """One request for each refusal that the guard or the tables make."""
        method, path = operation.method, operation.path
        body = operation.body

        content = {}
        if body is not None:
            content = {"Content-Type": operation.media_type}

        def ask(status, target=path, sent=body, strange=(), **how):
            strange = {**content, **dict(strange)}
            if "key" not in how and not operation.scopes:
                how["key"] = None
                if not operation.is_public:
                    strange = {**ada.headers, **dict(strange)}
            self.ask(method, self.at(target), sent, status,
                     headers=dict(strange), **how)
        ask(400, f"{path}?nonsense=1")
        if not operation.is_public:
            ask(401, key=None)
            ask(403, key=self.weak if operation.scopes else self.service.key)
        elif method != "GET":
            ask(403, strange={"Sec-Fetch-Site": "cross-site"})
        if "{" in path:
            ask(404, self.at(path, "999999", NOT_THERE))
        if body is not None:
            ask(415, sent=json.dumps(body),
                strange={"Content-Type": "text/plain"})
            self.too_large(operation, {} if operation.scopes else ada.headers)
        if "422" in operation.text["responses"]:
            ask(422, strange={"Idempotency-Key": "first"})
        if "304" in operation.text["responses"]:
            tag = self.ask(method, self.at(path)).headers["ETag"]
            ask(304, strange={"If-None-Match": tag})
            ask(304, strange={"If-None-Match": "*"})

    def too_large(self, operation, headers):
        """The length alone is enough; nobody waits for such a body."""
        connection = self.service.connect()
        connection.putrequest(operation.method, self.at(operation.path))
        sent = {"Authorization": f"Bearer {self.service.key}", **headers,
                "Content-Type": operation.media_type,
                "Content-Length": str(64 * 2**20 + 1)}
        if headers:
            del sent["Authorization"]
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = Answer(connection.getresponse())
        connection.close()
        self.assertEqual(answer.status, 413, f"{operation.name}: {answer}")
        self.document.check(operation.method, self.at(operation.path), answer)

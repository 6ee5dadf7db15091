"""Edits, imports and undos at random, through the API and by dum-import side by
side: after each of them the days are what Python says they are.

The account, and the files, are those of test_random_edits.py. DUM_EDITS: how
many rounds (1000), DUM_SEED: of which seed.
"""

import json
import os
import random
import shutil
import tempfile
import unittest
import urllib.parse

import test_random_edits
from service import Service

ROUNDS = int(os.environ.get("DUM_EDITS", "1000"))
CSV = {"Content-Type": "text/csv"}


class RandomRequests(test_random_edits.RandomEdits):
    @classmethod
    def setUpClass(cls):
        cls.service = Service("--workers", "2").start()
        cls.addClassCleanup(cls.service.stop)

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="dum-random-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = str(self.service.config)
        self.database = str(self.service.database)
        self.client = self.service.client()
        self.addCleanup(self.client.close)
        self.model, self.names, self.imports = {}, set(), {}
        self.version = 0
        self.counts = {}

    def ask(self, method, path, body=None, headers=None, status=200):
        """An answer with that status; now and then the request is repeated
        with its key, which must change nothing."""
        headers = dict(headers or {})
        repeat = method != "GET" and self.rng.random() < 0.15
        if repeat:
            headers["Idempotency-Key"] = "k%d" % self.rng.getrandbits(60)
        answer = self.client.request(method, path, body, headers)
        self.assertEqual(answer.status, status, (method, path, body, answer))
        if repeat and status < 300:
            again = self.client.request(method, path, body, headers)
            self.assertEqual((again.status, again.body), (status, answer.body))
            self.assertEqual(again.headers["Idempotency-Replayed"], "true")
            other = self.client.request(
                "PUT", "/api/data/daily-usage/99999999", '{"usage_gb":1}',
                {"Idempotency-Key": headers["Idempotency-Key"]})
            self.assertEqual(other.status, 422, other)
        return answer

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    # --- imports ------------------------------------------------------------

    def import_something(self, rng):
        if rng.random() < 0.4:
            self.count("import by dum-import")
            return super().import_something(rng)
        self.count("import by the API")
        query = {"filename": "random.csv"}
        if rng.random() < 0.5:
            query["empty"] = rng.choice(["zero", "skip", "overwrite"])
            data, wanted, used = self.wide(rng, query["empty"])
        else:
            data, wanted, used = self.long(rng)
        path = "/api/imports?" + urllib.parse.urlencode(query)
        if rng.random() < 0.3:
            self.dry_run(path, data, wanted)
        self.enter(self.ask("POST", path, data, CSV).json(), wanted, used)

    def dry_run(self, path, data, wanted):
        """Says which cells would change, and changes none."""
        said = self.client.request("POST", path + "&dry_run=true", data, CSV).json()
        changes = {(c["date"], c["location"]): c for c in said["changes"]}
        expected = {cell for cell, b in wanted.items()
                    if self.model.get(cell, (None, 0))[0] != b}
        self.assertEqual(set(changes), expected)
        self.check()

    def undo_something(self, rng):
        if not self.imports or rng.random() < 0.4:
            self.count("undo by dum-import")
            return super().undo_something(rng)
        self.count("undo by the API")
        ids = sorted(self.imports)
        number = rng.choice(ids[-3:] if rng.random() < 0.7 else ids)
        change = self.imports[number]
        touched = {c for c, a in change.after.items() if self.model.get(c) != a}
        refused = change.undone or bool(touched)
        said = self.ask("POST", f"/api/imports/{number}/undo",
                        status=409 if refused else 200).json()
        if refused:
            if not change.undone:
                self.assertEqual(said["touched_total"], len(touched))
                self.assertEqual(len(said["errors"]), min(10, len(touched)))
                self.assertLessEqual({(e["date"], e["location"])
                                      for e in said["errors"]}, touched)
            return None
        change.undone = True
        for cell, old in change.before.items():
            if old is None:
                del self.model[cell]
            else:
                self.model[cell] = old
        gone = {n for n in change.created
                if n in self.names and not any(m == n for _, m in self.model)}
        self.assertEqual(said["locations_removed"], len(gone))
        self.names -= gone
        return None

    # --- single days and many -------------------------------------------------

    def edit_something(self, rng):
        if not self.model:
            return None
        way = rng.choice([self.put, self.delete, self.post, self.post_many,
                          super().edit_something])
        self.count(way.__name__)
        return way(rng)

    def ids(self):
        """{name: id} of the locations, {(date, name): id} of the days."""
        locations = {n: i for i, n in self.query("SELECT id, name FROM locations")}
        days = {(d, n): i for i, d, n in self.query(
            "SELECT u.id, date, name FROM daily_usage u"
            " JOIN locations l ON l.id = location_id")}
        return locations, days

    def amount(self, rng):
        bytes_ = rng.choice([0, 10**9, rng.randrange(10**12)])
        return bytes_, self.text_of(bytes_)

    def note(self, cell, bytes_):
        self.version += 1
        if cell not in self.model or self.model[cell][0] != bytes_:
            self.model[cell] = (bytes_, self.version)

    def put(self, rng):
        cell = rng.choice(sorted(self.model))
        path = "/api/data/daily-usage/%d" % self.ids()[1][cell]
        tag = self.ask("GET", path).headers["ETag"]
        bytes_, text = self.amount(rng)
        stale = self.ask("PUT", path, '{"usage_gb":%s}' % text,
                         {"If-Match": '"0"'}, status=412)
        self.assertIn("changed since", stale.json()["detail"])
        self.ask("PUT", path, '{"usage_gb":%s}' % text, {"If-Match": f'"x", {tag}'})
        self.note(cell, bytes_)

    def delete(self, rng):
        cell = rng.choice(sorted(self.model))
        path = "/api/data/daily-usage/%d" % self.ids()[1][cell]
        tag = self.ask("GET", path).headers["ETag"]
        self.ask("DELETE", path, headers={"If-Match": tag}, status=204)
        self.version += 1
        del self.model[cell]

    def free_cell(self, rng):
        day = test_random_edits.START + test_random_edits.datetime.timedelta(
            rng.randrange(test_random_edits.DAYS))
        return str(day), rng.choice(sorted(self.names))

    def post(self, rng):
        cell = self.free_cell(rng)
        bytes_, text = self.amount(rng)
        self.ask("POST", "/api/data/daily-usage",
                 '{"date":"%s","location_id":%d,"usage_gb":%s}'
                 % (cell[0], self.ids()[0][cell[1]], text),
                 status=200 if cell in self.model else 201)
        self.note(cell, bytes_)

    def post_many(self, rng):
        cells = list({self.free_cell(rng) for _ in range(rng.randrange(1, 30))})
        amounts = [self.amount(rng) for _ in cells]
        locations = self.ids()[0]
        items = ['{"date":"%s","location_id":%d,"usage_gb":%s}'
                 % (d, locations[n], text)
                 for (d, n), (_, text) in zip(cells, amounts)]
        wrong = rng.choice(["", items[0], '{"date":"2024-01-01"}'])
        if wrong:
            said = self.ask("POST", "/api/data/daily-usage",
                            "[" + ",".join(items + [wrong]) + "]", status=400)
            pointer = said.json()["errors"][0]["pointer"]
            self.assertTrue(pointer.startswith("/%d" % len(items)), pointer)
            self.check()
        said = self.ask("POST", "/api/data/daily-usage",
                        "[" + ",".join(items) + "]").json()
        old = [self.model.get(c) for c in cells]
        self.assertEqual(said, {
            "created": sum(o is None for o in old),
            "updated": sum(o is not None and o[0] != b
                           for o, (b, _) in zip(old, amounts)),
            "unchanged": sum(o is not None and o[0] == b
                             for o, (b, _) in zip(old, amounts))})
        self.version += 1
        for cell, (bytes_, _) in zip(cells, amounts):
            if cell not in self.model or self.model[cell][0] != bytes_:
                self.model[cell] = (bytes_, self.version)

    # --- the check ------------------------------------------------------------

    def test_days_are_what_python_says_after_each_of_them(self):
        seed = int(os.environ.get("DUM_SEED", "20261124"))
        self.rng = rng = random.Random(seed)
        for done in range(ROUNDS):
            what = rng.random()
            with self.subTest(seed=seed, round=done):
                if what < 0.35:
                    self.import_something(rng)
                elif what < 0.6:
                    self.undo_something(rng)
                else:
                    self.edit_something(rng)
                self.check()
        self.check_answers()
        self.program("dum-admin", "audit", "verify")
        print("# %d rounds of seed %d: %s"
              % (ROUNDS, seed, json.dumps(self.counts)))

    def check_answers(self):
        """What the API says at the end, as JSON and as a table."""
        said = {(u["date"], u["location_name"]): round(u["usage_gb"] * 10**9)
                for u in self.ask("GET", "/api/data/daily-usage").json()}
        wanted = {c: b for c, (b, _) in self.model.items()}
        self.assertEqual(said, wanted)
        table = self.ask("GET", "/api/data/daily-usage?format=csv").body
        self.assertEqual(table.count(b"\n"), 1 + len(wanted))
        done = self.load(table)
        self.assertEqual((done["same"], done["new"], done["changed"]),
                         (len(wanted), 0, 0))
        self.check()


if __name__ == "__main__":
    unittest.main()

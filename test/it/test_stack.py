"""The main job on real input: file -> database -> pool -> nginx -> answers.

What the answers should say is worked out from the files by Python's csv and
decimal, and by the sqlite3 program on the database that came of them.
"""

import csv
import datetime
import decimal
import io
import json
import os
import random
import signal
import unittest

from service import DATA, Service, wait_for

Decimal = decimal.Decimal
DAY = datetime.timedelta(1)


def gb(text):
    """Gigabytes to whole bytes, half a byte up."""
    return int((Decimal(text) * 10**9).quantize(1, decimal.ROUND_HALF_UP))


def exact(answer):
    """The JSON of an answer with its numbers as they are written."""
    return json.loads(answer.body, parse_float=Decimal)


def wide(text):
    """{(first cell, column name): cell} of a plain wide file."""
    rows = list(csv.reader(io.StringIO(text)))
    return {(row[0], name): cell for row in rows[1:]
            for name, cell in zip(rows[0][1:], row[1:])}


def today_of(service):
    """The civil day where the service is; its zone is a whole-hour one."""
    zone = service.settings["TIMEZONE"]
    ahead = 0 if zone == "UTC" else -int(zone.removeprefix("Etc/GMT"))
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(hours=ahead)).date()


class ServiceCase(unittest.TestCase):
    service = None

    @classmethod
    def setUpClass(cls):
        cls.service = Service("--workers", "2").start()
        cls.addClassCleanup(cls.service.stop)

    def answer(self, path):
        answer = self.service.request("GET", path)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        return exact(answer)

    def assert_shape(self, value, shape):
        """Exactly these members, each of this type; a tuple: one of them."""
        if isinstance(shape, dict):
            self.assertEqual(list(value), list(shape))
            for name, inner in shape.items():
                self.assert_shape(value[name], inner)
        elif isinstance(shape, list):
            self.assertIsInstance(value, list)
            for item in value:
                self.assert_shape(item, shape[0])
        else:
            self.assertIsInstance(value, shape)
            if shape is not bool:
                self.assertNotIsInstance(value, bool)


NUMBER = (int, Decimal)
NONE = type(None)
LOCATION = {"id": int, "name": str, "display_name": str, "is_active": bool}
RECORD = {"id": int, "date": str, "usage_gb": NUMBER, "location_id": int,
          "location_name": str, "display_name": str, "updated_at": str}
POINT = {"date": str, "display_name": str, "daily_total": NUMBER}
COLUMNS = {"dates": [str], "series": [{"location_id": int,
                                       "display_name": str,
                                       "bytes": [(int, NONE)]}]}
OVERVIEW = {
    "total_locations": int, "total_records": int, "recent_activity": int,
    "date_range": {"start": (str, NONE), "end": (str, NONE)},
    "top_locations": [{"display_name": str, "total_usage": NUMBER}],
    "cycle": {"start": str, "end": str, "total_gb": NUMBER,
              "days_elapsed": int, "days_in_cycle": int,
              "coverage": {"present": int, "expected": int},
              "previous_same_days_gb": (int, Decimal, NONE),
              "change_percent": (int, Decimal, NONE)}}


class RealFiles(ServiceCase):
    """seed-format.csv and key-countries-wide.csv, from file to answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = cls.service
        cls.today = today_of(service)
        seed = wide((DATA / "seed-format.csv").read_text())
        countries = wide((DATA / "key-countries-wide.csv").read_text())
        # No year in the file: the last row is the latest day there can be.
        year = cls.today.year
        if datetime.date(year, 3, 15) > cls.today:
            year -= 1
        cls.days = {(f"{year}-03-{day[:2]}", name): gb(cell)
                    for (day, name), cell in seed.items()}
        cls.days.update({(day, name): gb(cell) // 1000
                         for (day, name), cell in countries.items()})
        cls.summaries = [
            json.loads(service.tool("dum-import", "--json", *options).stdout)
            for options in (
                [DATA / "seed-format.csv"],
                ["--unit", "MB", "--max-daily-gb", "100000",
                 DATA / "key-countries-wide.csv"])]

    def test_the_counts_of_the_imports(self):
        for summary, rows, columns in zip(self.summaries, (3, 816), (3, 8)):
            wanted = {"rows": rows, "cells": rows * columns, "empty": 0,
                      "skipped": 0, "rejected": 0, "new": rows * columns,
                      "changed": 0, "same": 0, "locations_created": columns,
                      "dry_run": False, "errors": []}
            self.assertEqual({k: summary[k] for k in wanted}, wanted)
        self.assertEqual([s["import_id"] for s in self.summaries], [1, 2])

    def test_the_sqlite3_program_adds_up_to_the_same(self):
        self.assertEqual(
            self.service.sqlite("SELECT count(*), sum(usage_bytes)"
                                " FROM daily_usage"),
            [f"{len(self.days)}|{sum(self.days.values())}"])
        for line in self.service.sqlite(
                "SELECT name, sum(usage_bytes) FROM daily_usage"
                " JOIN locations l ON l.id = location_id GROUP BY l.id"):
            name, total = line.split("|")
            self.assertEqual(int(total), sum(
                b for (_, n), b in self.days.items() if n == name), name)

    def test_locations(self):
        found = self.answer("/api/data/locations")
        self.assert_shape(found, [LOCATION])
        self.assertEqual({f["name"] for f in found},
                         {name for _, name in self.days})
        self.assertTrue(all(f["is_active"] for f in found))
        self.assertIn(("US", "US"), {(f["name"], f["display_name"])
                                     for f in found})

    def test_all_days_as_one_list(self):
        found = self.answer("/api/data/daily-usage")
        self.assert_shape(found, [RECORD])
        self.assertEqual({(f["date"], f["location_name"]): gb(f["usage_gb"])
                          for f in found}, self.days)
        self.assertEqual(len(found), len(self.days))
        dates = [f["date"] for f in found]
        self.assertEqual(dates, sorted(dates, reverse=True))
        names = {f["id"]: f for f in self.answer("/api/data/locations")}
        for record in found[:50]:
            location = names[record["location_id"]]
            self.assertEqual((record["location_name"], record["display_name"]),
                             (location["name"], location["display_name"]))
            self.assertRegex(record["updated_at"],
                             r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_pages_put_together_are_the_list(self):
        whole = self.answer("/api/data/daily-usage")
        for per_page in (997, 1000):
            pages, page = [], 1
            while True:
                got = self.answer(f"/api/data/daily-usage?page={page}"
                                  f"&per_page={per_page}")
                self.assert_shape(got, {"data": [RECORD], "pagination": {
                    "page": int, "per_page": int, "total": int, "pages": int}})
                self.assertEqual(got["pagination"], {
                    "page": page, "per_page": per_page, "total": len(whole),
                    "pages": -(-len(whole) // per_page)})
                if not got["data"]:
                    break
                pages += got["data"]
                page += 1
            self.assertEqual(page - 1, got["pagination"]["pages"])
            self.assertEqual(pages, whole)
        first = self.answer("/api/data/daily-usage?page=1")
        self.assertEqual(first["data"], whole[:50])

    def test_the_list_is_cut_by_dates_and_location(self):
        us = next(f["id"] for f in self.answer("/api/data/locations")
                  if f["name"] == "US")
        start, end = "2021-02-27", "2021-03-02"
        found = self.answer(f"/api/data/daily-usage?start_date={start}"
                            f"&end_date={end}&location_id={us}")
        self.assertEqual(
            {f["date"]: gb(f["usage_gb"]) for f in found},
            {d: b for (d, n), b in self.days.items()
             if n == "US" and start <= d <= end})
        self.assertEqual(len(found), 4)
        for query, wanted in (
                (f"start_date={end}", lambda d, n: d >= end),
                (f"end_date={start}", lambda d, n: d <= start),
                (f"start_date={start}&end_date={start}",
                 lambda d, n: d == start),
                (f"location_id={us}", lambda d, n: n == "US")):
            found = self.answer(f"/api/data/daily-usage?{query}")
            self.assertEqual(
                {(f["date"], f["location_name"]) for f in found},
                {key for key in self.days if wanted(*key)}, query)

    def test_trends_as_rows(self):
        first = (self.today - 3659 * DAY).isoformat()
        found = self.answer("/api/dashboard/usage-trends?days=3660")
        self.assert_shape(found, [POINT])
        wanted = {key: b for key, b in self.days.items() if key[0] >= first}
        self.assertEqual(len(found), len(wanted))
        self.assertEqual(sum(gb(f["daily_total"]) for f in found),
                         sum(wanted.values()))
        order = [(f["date"], f["display_name"]) for f in found]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.answer("/api/dashboard/usage-trends"), [])

    def test_trends_as_columns(self):
        found = self.answer("/api/dashboard/usage-trends"
                            "?days=3660&format=columns")
        self.assert_shape(found, COLUMNS)
        first = self.today - 3659 * DAY
        self.assertEqual(found["dates"], [
            (first + i * DAY).isoformat() for i in range(3660)])
        names = {f["id"]: f["name"] for f in self.answer("/api/data/locations")}
        got = {}
        for series in found["series"]:
            self.assertEqual(len(series["bytes"]), 3660)
            got.update({(date, names[series["location_id"]]): amount
                        for date, amount in zip(found["dates"],
                                                series["bytes"])
                        if amount is not None})
        self.assertEqual(got, self.days)

    def test_trends_of_one_location(self):
        us = next(f["id"] for f in self.answer("/api/data/locations")
                  if f["name"] == "US")
        path = f"/api/dashboard/usage-trends?days=3660&location_id={us}"
        wanted = {d: b for (d, n), b in self.days.items() if n == "US"}
        rows = self.answer(path)
        self.assertEqual({f["date"]: gb(f["daily_total"]) for f in rows},
                         wanted)
        columns = self.answer(path + "&format=columns")
        self.assertEqual(len(columns["series"]), 1)
        self.assertEqual({d: b for d, b in zip(columns["dates"],
                                               columns["series"][0]["bytes"])
                          if b is not None}, wanted)

    def test_numbers_are_written_from_the_bytes(self):
        answer = self.service.request(
            "GET", "/api/data/daily-usage?start_date=2026-01-01")
        self.assertIn(b'"usage_gb":9.9,', answer.body)
        self.assertIn(b'"usage_gb":130,', answer.body)

    def test_the_overview_of_old_data(self):
        found = self.answer("/api/dashboard/overview")
        self.assert_shape(found, OVERVIEW)
        dates = sorted(d for d, _ in self.days)
        self.assertEqual(
            (found["total_locations"], found["total_records"],
             found["date_range"]),
            (11, len(self.days), {"start": dates[0], "end": dates[-1]}))


def starts_on(year, month, day):
    """The start in that month of cycles of that day of the month."""
    while True:
        try:
            return datetime.date(year, month, day)
        except ValueError:
            day -= 1


def cycle_start(day, cycle_day):
    """The last start on or before a day, by trying this month and the last."""
    start = starts_on(day.year, day.month, cycle_day)
    if start > day:
        last = day.replace(day=1) - DAY
        start = starts_on(last.year, last.month, cycle_day)
    return start


class RecentDays(ServiceCase):
    """The overview and what changes it, on days around today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.empty = exact(cls.service.request("GET", "/api/dashboard/overview"))
        cls.today = today_of(cls.service)
        rand = random.Random(20)
        cls.names = [f"place {i:02}" for i in range(14)]
        cls.days = {}
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["Date", *cls.names])
        for back in range(100, -2, -1):     # tomorrow too
            day = cls.today - back * DAY
            row = [day.isoformat()]
            for name in cls.names:
                if rand.random() < 0.15:
                    row.append("")
                    continue
                amount = Decimal(rand.randrange(10**12)) / 10**9
                cls.days[day, name] = gb(amount)
                row.append(f"{amount:f}")
            writer.writerow(row)
        cls.service.tool("dum-import", "--empty", "skip", "-",
                         data=out.getvalue())
        cls.inactive = cls.names[3]
        cls.service.tool("dum-admin", "location", "deactivate", cls.inactive)

    def total(self, first, last, names=None):
        return sum(b for (d, n), b in self.days.items()
                   if first <= d <= last and (names is None or n in names))

    def count(self, first, last, without=()):
        return sum(1 for d, n in self.days
                   if first <= d <= last and n not in without)

    def wanted(self, cycle_day):
        today = self.today
        start = cycle_start(today, cycle_day)
        end = cycle_start(start + 31 * DAY, cycle_day)
        if end == start:                    # the next month is a long one
            end = cycle_start(start + 32 * DAY, cycle_day)
        elapsed = (today - start).days + 1
        before = cycle_start(start - DAY, cycle_day)
        before_end = min(before + (elapsed - 1) * DAY, start - DAY)
        now, then = self.total(start, today), self.total(before, before_end)
        change = (Decimal(now - then) * 100 / then).quantize(
            Decimal("0.1"), decimal.ROUND_HALF_UP) if then else None
        tops = sorted(((self.total(today - 29 * DAY, today, [n]), n)
                       for n in self.names), key=lambda t: (-t[0], t[1]))[:10]
        return {
            "total_locations": len(self.names) - 1,
            "total_records": len(self.days),
            "recent_activity": self.count(today - 6 * DAY, today),
            "date_range": {
                "start": min(d for d, _ in self.days).isoformat(),
                "end": max(d for d, _ in self.days).isoformat()},
            "top_locations": [
                {"display_name": n.title(), "total_usage": Decimal(b) / 10**9}
                for b, n in tops],
            "cycle": {
                "start": start.isoformat(), "end": (end - DAY).isoformat(),
                "total_gb": Decimal(now) / 10**9, "days_elapsed": elapsed,
                "days_in_cycle": (end - start).days,
                "coverage": {
                    "present": self.count(start, today, [self.inactive]),
                    "expected": (len(self.names) - 1) * elapsed},
                "previous_same_days_gb": Decimal(then) / 10**9,
                "change_percent": change}}

    def set_cycle_day(self, day):
        """A setting that workers read when they start."""
        self.service.write_config(BILLING_CYCLE_DAY=day)
        old = set(self.service.workers())
        for pid in old:
            os.kill(pid, signal.SIGTERM)
        self.assertTrue(wait_for(
            lambda: len(set(self.service.workers()) - old) == len(old)))

    def test_the_overview_on_each_kind_of_cycle_day(self):
        for day in (1, 13, 28, 29, 31):
            with self.subTest(cycle_day=day):
                self.set_cycle_day(day)
                found = self.answer("/api/dashboard/overview")
                self.assert_shape(found, OVERVIEW)
                self.assertEqual(found, self.wanted(day))

    def test_an_empty_database_has_nulls(self):
        self.assert_shape(self.empty, OVERVIEW)
        self.assertEqual(self.empty["date_range"], {"start": None, "end": None})
        self.assertEqual(
            (self.empty["total_locations"], self.empty["total_records"],
             self.empty["recent_activity"], self.empty["top_locations"]),
            (0, 0, 0, []))
        cycle = self.empty["cycle"]
        self.assertEqual(
            (cycle["total_gb"], cycle["coverage"],
             cycle["previous_same_days_gb"], cycle["change_percent"]),
            (0, {"present": 0, "expected": 0}, None, None))

    def test_trends_have_as_many_dates_as_asked_today_included(self):
        for days in (1, 30, 90):
            first = self.today - (days - 1) * DAY
            rows = self.answer(f"/api/dashboard/usage-trends?days={days}")
            self.assertEqual(
                sorted((f["date"], f["display_name"], gb(f["daily_total"]))
                       for f in rows),
                sorted((d.isoformat(), n.title(), b)
                       for (d, n), b in self.days.items()
                       if first <= d <= self.today))
        self.assertEqual(
            self.answer("/api/dashboard/usage-trends"),
            self.answer("/api/dashboard/usage-trends?days=30"))

    def test_inactive_locations_are_listed_when_asked_for(self):
        active = self.answer("/api/data/locations")
        every = self.answer("/api/data/locations?include_inactive=true")
        self.assertEqual(self.answer(
            "/api/data/locations?include_inactive=false"), active)
        self.assertEqual([f["name"] for f in every], self.names)
        self.assertEqual([f for f in every if f["is_active"]], active)
        self.assertNotIn(self.inactive, [f["name"] for f in active])


class Changes(ServiceCase):
    """What can be entered, corrected and deleted, and what comes back."""

    def setUp(self):
        self.today = today_of(self.service)

    def send(self, method, path, body=None, status=200):
        answer = self.service.request(method, path, body)
        self.assertEqual(answer.status, status, answer)
        return answer

    def location(self, name, **more):
        return exact(self.send("POST", "/api/data/locations",
                               {"name": name, **more}, 201))

    def test_a_location_is_made_renamed_and_put_away(self):
        made = self.location("branch_west-3")
        self.assert_shape(made, LOCATION)
        self.assertEqual((made["name"], made["display_name"],
                          made["is_active"]),
                         ("branch_west-3", "Branch West 3", True))
        path = f"/api/data/locations/{made['id']}"
        for change in ({"display_name": "West\u2013Side \U0001f4e1"},
                       {"name": "west"}, {"is_active": False},
                       {"is_active": True, "name": "west 2"}):
            made = {**made, **change}
            self.assertEqual(exact(self.send("PATCH", path, change)), made)
        named = self.location("x", display_name="Some Place")
        self.assertEqual(named["display_name"], "Some Place")

    def test_a_day_is_made_corrected_read_and_deleted(self):
        place = self.location("one day")
        day = {"date": self.today.isoformat(), "location_id": place["id"]}
        answer = self.send("POST", "/api/data/daily-usage",
                           {**day, "usage_gb": 1.25}, 201)
        made = exact(answer)
        self.assert_shape(made, RECORD)
        path = f"/api/data/daily-usage/{made['id']}"
        self.assertEqual(answer.headers["Location"], path)
        self.assertEqual(made["usage_gb"], Decimal("1.25"))
        self.assertEqual(exact(self.send("GET", path)), made)
        again = exact(self.send("POST", "/api/data/daily-usage",
                                {**day, "usage_gb": 2}))
        self.assertEqual((again["id"], again["usage_gb"]), (made["id"], 2))
        put = exact(self.send("PUT", path, {"usage_gb": 0}))
        self.assertEqual((put["id"], put["usage_gb"]), (made["id"], 0))
        answer = self.send("DELETE", path, status=204)
        self.assertEqual(answer.body, b"")
        self.send("GET", path, status=404)
        self.send("DELETE", path, status=404)
        # Its number is never given to another.
        new = exact(self.send("POST", "/api/data/daily-usage",
                              {**day, "usage_gb": 1}, 201))
        self.assertGreater(new["id"], made["id"])

    def test_nine_decimals_are_exact_on_the_way_in_and_out(self):
        place = self.location("exact")
        for text in ("0.000000001", "9.9", "123456.789012345", "10000",
                     "9999.999999999", "0.1", "0.3", "1e3", "2.5E-1"):
            if Decimal(text) > 10000:
                continue
            body = (f'{{"date": "{self.today}", "usage_gb": {text},'
                    f' "location_id": {place["id"]}}}')
            answer = self.service.request("POST", "/api/data/daily-usage", body)
            self.assertIn(answer.status, (200, 201), answer)
            self.assertEqual(exact(answer)["usage_gb"], Decimal(text))
            self.assertEqual(self.service.query(
                "SELECT usage_bytes FROM daily_usage WHERE location_id = ?",
                place["id"]), [(gb(text),)])

    def test_every_change_is_in_the_journal_and_its_chain_holds(self):
        before = self.service.query("SELECT max(id) FROM journal")[0][0] or 0
        place = self.location("journal")
        made = exact(self.send("POST", "/api/data/daily-usage", {
            "date": self.today.isoformat(), "location_id": place["id"],
            "usage_gb": 3}, 201))
        path = f"/api/data/daily-usage/{made['id']}"
        self.send("PUT", path, {"usage_gb": 4})
        self.send("DELETE", path, status=204)
        entries = self.service.query(
            "SELECT tbl, pk, address, source, request_id IS NOT NULL"
            " FROM journal WHERE id > ? AND tbl IN ('locations',"
            " 'daily_usage') ORDER BY id", before)
        self.assertEqual([e[:2] for e in entries], [
            ("locations", str(place["id"])), *[
                ("daily_usage", str(made["id"]))] * 3])
        self.assertEqual({e[2:] for e in entries}, {("127.0.0.1", "api", 1)})
        self.service.tool("dum-admin", "audit", "verify")

    def test_head_is_get_without_a_body(self):
        for path in ("/api/data/locations", "/api/dashboard/overview",
                     "/api/data/daily-usage"):
            get = self.service.request("GET", path)
            head = self.service.request("HEAD", path)
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["Content-Type"],
                             get.headers["Content-Type"])

    def test_health(self):
        answer = self.service.request("GET", "/health", key=None)
        self.assertEqual(answer.status, 200)
        self.assertEqual(exact(answer)["status"], "healthy")


if __name__ == "__main__":
    unittest.main(verbosity=1)

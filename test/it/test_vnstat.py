"""dum-import --vnstat: dumps of `vnstat --json d`, real ones and made ones."""

import copy
import json
import os
import random
import unittest

from test_import import DATA, ImportCase

DUMP = os.path.join(DATA, "vnstat_2.6_json_d31.json")


def day(date, rx, tx, **more):
    year, month, dom = map(int, date.split("-"))
    return {"id": 1, "date": {"year": year, "month": month, "day": dom},
            "timestamp": 1665273600, "rx": rx, "tx": tx, **more}


def interface(name, *days, **more):
    return {"name": name, "alias": "",
            "created": {"date": {"year": 2022, "month": 9, "day": 7}, "timestamp": 1662508800},
            "updated": {"date": {"year": 2022, "month": 11, "day": 8},
                        "time": {"hour": 0, "minute": 40}, "timestamp": 1667868000},
            "monthrotate": 1,
            "traffic": {"total": {"rx": 18446744073709551615, "tx": 0},
                        "day": list(days)}, **more}


def dump(*interfaces):
    return {"vnstatversion": "2.14", "jsonversion": "2", "interfaces": list(interfaces)}


class Vnstat(ImportCase):
    def take(self, what, *args, **more):
        text = what if isinstance(what, (str, bytes)) else json.dumps(what)
        return self.load(text, "--vnstat", *args, **more)

    def refuse(self, what, says, *args, line=None, column=Ellipsis):
        text = what if isinstance(what, (str, bytes)) else json.dumps(what)
        return self.refused(text, line, says, "--vnstat", *args, column=column)

    def test_a_real_dump_gives_each_day_its_bytes(self):
        with open(DUMP, encoding="utf-8") as f:
            real = json.load(f)["interfaces"][0]
        wanted = {("%04d-%02d-%02d" % tuple(d["date"][k] for k in ("year", "month", "day")),
                   real["name"]): d["rx"] + d["tx"] for d in real["traffic"]["day"]}
        done = self.program("dum-import", "--vnstat", "--json", DUMP)
        self.counts(json.loads(done.stdout), new=len(wanted), cells=len(wanted), changed=0,
                    same=0, locations_created=1, errors=[])
        self.assertEqual(self.days(), wanted)
        self.assertEqual(self.query("SELECT kind, file_name FROM imports"),
                         [("vnstat", os.path.basename(DUMP))])
        done = self.program("dum-import", "--vnstat", DUMP)
        self.assertIn(b"31 the same", done.stdout)

    def test_the_last_day_grows_from_dump_to_dump(self):
        self.take(dump(interface("eth0", day("2024-03-01", 10, 5), day("2024-03-02", 1, 1))))
        done = self.take(dump(interface("eth0", day("2024-03-02", 7, 2), day("2024-03-03", 1, 0))))
        self.counts(done, new=1, changed=1, same=0)
        self.assertEqual(self.days(), {("2024-03-01", "eth0"): 15, ("2024-03-02", "eth0"): 9,
                                       ("2024-03-03", "eth0"): 1})

    def test_each_interface_is_a_location(self):
        done = self.take(dump(interface("eth0", day("2024-03-01", 1, 2), alias="Cellar"),
                              interface("wlan0", day("2024-03-01", 3, 4), alias=" bad "),
                              interface("ppp0")))
        self.counts(done, new=2, locations_created=2)
        self.assertEqual(self.query("SELECT name, display_name FROM locations ORDER BY 1"),
                         [("eth0", "Cellar"), ("wlan0", "Wlan0")])

    def test_one_interface_under_a_name_of_ones_own(self):
        two = dump(interface("eth0", day("2024-03-01", 1, 2)),
                   interface("wlan0", day("2024-03-01", 3, 4)))
        self.refuse(two, "choose one with --interface", "--location", "office")
        self.refuse(two, "no interface 'eth1'", "--interface", "eth1")
        self.take(two, "--location", "office", "--interface", "wlan0")
        self.assertEqual(self.days(), {("2024-03-01", "office"): 7})

    def test_what_is_optional_may_be_missing(self):
        bare = {"jsonversion": "2", "interfaces": [
            {"name": "eth0", "traffic": {"day": [
                {"date": {"year": 2024, "month": 3, "day": 1}, "rx": 1, "tx": 2}]}}]}
        self.take(bare)
        self.assertEqual(self.days(), {("2024-03-01", "eth0"): 3})

    def test_what_is_needed_is_asked_for_by_name(self):
        good = dump(interface("eth0", day("2024-03-01", 1, 2)))
        cases = [
            ("no jsonversion", lambda d: d.pop("jsonversion")),
            ("jsonversion is '1'", lambda d: d.update(jsonversion="1")),
            ("0 interfaces", lambda d: d.update(interfaces=[])),
            ("0 interfaces", lambda d: d.pop("interfaces")),
            ("interface 1 has no name", lambda d: d["interfaces"][0].pop("name")),
            ("vnstat --json d", lambda d: d["interfaces"][0].pop("traffic")),
            ("vnstat --json d", lambda d: d["interfaces"][0]["traffic"].pop("day")),
            ("there twice", lambda d: d["interfaces"].append(d["interfaces"][0])),
            ("no days to take in", lambda d: d["interfaces"][0]["traffic"].update(day=[])),
        ]
        for says, spoil in cases:
            bad = copy.deepcopy(good)
            spoil(bad)
            with self.subTest(says):
                self.refuse(bad, says)
        for date in ({}, {"year": 2024, "month": 2, "day": 30}, {"year": 2024, "month": 3},
                     {"year": "2024", "month": 3, "day": 1}, {"year": 0, "month": 1, "day": 1},
                     {"year": 10**30, "month": 1, "day": 1}, None, []):
            bad = copy.deepcopy(good)
            bad["interfaces"][0]["traffic"]["day"][0]["date"] = date
            with self.subTest(date=date):
                self.refuse(bad, "day 1 of interface 'eth0' has no date")

    def test_amounts_that_can_not_be_are_refused(self):
        for rx, says in ((2**64 - 1, "above the limit"), (2**63, "above the limit"),
                         (10**400, "valid JSON"), (-1, "whole numbers"), (1.5, "whole numbers"),
                         ("7", "whole numbers"), (None, "whole numbers")):
            with self.subTest(rx=rx):
                bad = dump(interface("eth0", day("2024-03-01", rx, 2)))
                text = json.dumps(bad)
                self.refuse(text, says, line=1 if says == "valid JSON" else None)
        # Each is within the limit, their sum is not; to the byte.
        limit = 10000 * 10**9
        self.refuse(dump(interface("e", day("2024-03-01", limit, 1))), "above the limit")
        self.take(dump(interface("e", day("2024-03-01", limit - 1, 1))))
        self.assertEqual(self.days(), {("2024-03-01", "e"): limit})
        huge = 999999999999999
        self.take(dump(interface("e", day("2024-03-02", huge, 1))), "--max-daily-gb", "1000000")
        self.assertEqual(self.days()["2024-03-02", "e"], huge + 1)

    def test_days_of_the_future_and_repeats(self):
        soon = dump(interface("e", day("2024-03-05", 1, 1)))
        with self.subTest("a wrong clock"):
            before = self.everything()
            summary = self.take(soon, status=2, today="2024-03-03")
            self.assertIn("later than tomorrow", summary["errors"][0]["text"])
            self.assertEqual(self.everything(), before)
        self.take(soon, today="2024-03-04")
        self.refuse(dump(interface("e", day("2024-03-01", 1, 1), day("2024-03-01", 2, 2))),
                    "is both 0.000000002 GB and 0.000000004 GB")
        self.take(dump(interface("e", day("2024-03-01", 1, 1), day("2024-03-01", 2, 0))))
        self.assertEqual(self.days()["2024-03-01", "e"], 2)

    def test_what_is_no_json_is_named_by_line_and_column(self):
        self.refuse('{"jsonversion":"2",\n"interfaces":[{"name":"e","alias":"a "b" c"}]}',
                    "no valid JSON", line=2, column=39)
        self.refuse("", "no valid JSON", line=1)
        self.refuse(b"\xff\xfe\x00", "no valid JSON", line=1)
        self.refuse("[" * 100000, "no valid JSON", line=1)
        self.refuse('{"jsonversion":"2","jsonversion":"2"}', "duplicate", line=1)
        self.refuse("date,a\n2024-01-01,1\n", "no valid JSON", line=1)

    def test_dumps_that_are_cut_or_garbled_change_nothing(self):
        with open(DUMP, "rb") as f:
            whole = f.read()
        rng = random.Random(4)
        before = self.everything()
        for i in range(60):
            if i % 2:
                bad = whole[:rng.randrange(len(whole) - 2)]
            else:
                bad = bytearray(whole)
                for _ in range(20):
                    bad[rng.randrange(len(bad))] = rng.randrange(256)
                bad = bytes(bad)
            done = self.program("dum-import", "--vnstat", "--dry-run", "-", data=bad,
                                status=None)
            self.assertIn(done.returncode, (0, 2), done.stderr)
            if done.returncode:
                self.assertIn(b"nothing was imported", done.stderr)
        self.assertEqual(self.everything(), before)

    def test_options_that_say_nothing_here_are_told(self):
        for args in (["--vnstat", "--year", "2024"], ["--vnstat", "--unit", "MB"],
                     ["--location", "x"], ["--vnstat", "--list"], ["--list", "--dry-run"]):
            with self.subTest(args=args):
                self.program("dum-import", *args, "-", data=b"", status=2)


if __name__ == "__main__":
    unittest.main()

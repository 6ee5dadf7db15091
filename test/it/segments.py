"""The segments of the journal as docs/backup-format.md describes them, read by
a program that shares nothing with ours: frames, records, seals, and the chains
from entry to entry and from segment to segment."""

import gzip
import hashlib
import hmac
import json
import os
import re
import zlib

import container

NAME = re.compile(r"journal_([0-9a-f]{8})_(\d{6,})_(\d{12,})"
                  r"(?:-(\d{12,})\.log|\.log\.open)$")
FIELDS = ["id", "at", "timeline", "batch", "actor", "address", "source",
          "request_id", "op", "tbl", "pk", "before", "after", "prev", "key_id", "mac"]
NUMBERS = ("id", "timeline", "batch")
BYTES = ("prev", "mac")


class Broken(Exception):
    pass


def need(condition, why):
    if not condition:
        raise Broken(why)


def frames(data, key=None):
    """The records of an open segment, and where its last whole frame ends."""
    before, at, out = bytes(32), 0, b""
    while at < len(data):
        head = data[at:at + 12]
        if len(head) < 12 or head[:4] != b"DUMF":
            break
        length = int.from_bytes(head[8:12], "big")
        end = at + 12 + length
        found = hashlib.sha256(before + data[at:end]).digest()
        if len(data) < end + 32 or data[end:end + 32] != found:
            break
        payload = data[at + 12:end]
        if head[4]:
            payload = container.read(payload, key)
        out += gunzip(payload)
        before, at = found, end + 32
    return out, at


def gunzip(data):
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as e:
        raise Broken(str(e)) from e


def records(data):
    """(kind, fields, offset) of each record."""
    at = 0
    while at < len(data):
        kind, length = data[at:at + 1], int.from_bytes(data[at + 1:at + 5], "big")
        body = data[at + 5:at + 5 + length]
        need(len(body) == length, "a record is cut")
        fields, i = [], 0
        while i < length:
            n = int.from_bytes(body[i:i + 4], "big")
            i += 4
            fields.append(None if n == 0xFFFFFFFF else body[i:i + n])
            i += 0 if n == 0xFFFFFFFF else n
        need(i == length, "a field is cut")
        yield kind, fields, at, body
        at += 5 + length


def entry(fields):
    e = dict(zip(FIELDS, fields))
    for name, value in e.items():
        if name in NUMBERS:
            e[name] = int(value)
        elif name not in BYTES and value is not None:
            e[name] = value.decode()
    return e


class Segment:
    def __init__(self, path, key=None, secret=None):
        self.name = os.path.basename(path)
        match = NAME.match(self.name)
        need(match, "no name of a segment: " + self.name)
        self.sealed = match.group(4) is not None
        with open(path, "rb") as f:
            data = f.read()
        self.size = len(data)
        plain, self.good = frames(data, key)
        need(self.good == self.size or not self.sealed, "a sealed one is torn")
        self.entries, self.whole, self.ended = [], 0, False
        for kind, fields, at, body in records(plain):
            need(not self.ended, "something behind the end")
            if kind == b"H":
                need(at == 0 and fields[0] == b"1", "no head")
                self.database, self.timeline, self.first = (
                    fields[1].decode(), int(fields[2]), int(fields[3]))
                self.prev, self.previous = fields[4], fields[5]
                last = (self.first - 1, self.prev)
            elif kind == b"E":
                e = entry(fields)
                need((e["id"], e["prev"]) == (last[0] + 1, last[1]), "an entry is missing")
                need(e["timeline"] == self.timeline, "another timeline")
                if secret is not None:
                    need(hmac.digest(secret, body[:-36], "sha256") == e["mac"], "a seal")
                self.entries.append(e)
                last = (e["id"], e["mac"])
            elif kind == b"W":
                self.whole = len(self.entries)
            elif kind == b"Z":
                need((int(fields[0]), int(fields[1])) == (last[0], len(self.entries)), "the end")
                self.hash = hashlib.sha256(plain[:at]).digest()
                need(fields[2] == self.hash, "the hash")
                self.ended = True
            else:
                raise Broken("no kind of a record")
        need(self.ended == self.sealed, "no end")
        need((match.group(1), int(match.group(2)), int(match.group(3))) ==
             (self.database[:8], self.timeline, self.first), "the name")
        self.last, self.mac = last


def read_all(folder, key=None, secret=None):
    """All of a folder, in order, each held against the one before."""
    names = sorted(n for n in os.listdir(folder) if NAME.match(n))
    out = []
    for name in names:
        s = Segment(os.path.join(folder, name), key, secret)
        if out and out[-1].database == s.database:
            need(s.previous == out[-1].hash, name + ": the one before it is another")
            if s.timeline == out[-1].timeline:
                need((s.first, s.prev) == (out[-1].last + 1, out[-1].mac), name + ": a gap")
        out.append(s)
    return out


def secret_of(path):
    with open(path, encoding="ascii") as f:
        return bytes.fromhex(f.read().strip())


# --- replaying ----------------------------------------------------------------

TABLES = {
    "locations": ("id", "name", "display_name", "is_active", "created_at"),
    "daily_usage": ("id", "date", "location_id", "usage_bytes", "created_at", "updated_at"),
    "monthly_summaries": ("id", "period_start", "period_end", "location_id",
                          "total_usage_bytes", "manual_entry", "created_at", "updated_at"),
    "cycle_settings": ("id", "location_id", "cycle_day", "valid_from", "created_at"),
    "imports": ("id", "at", "kind", "file_name", "file_hash", "options", "actor", "rows",
                "cells", "empty", "skipped", "rejected", "new", "changed", "same",
                "locations_created", "undone_at", "undone_by"),
}


def row_of(table, text):
    value = json.loads(text)
    return tuple(int(value[c]) if isinstance(value[c], bool) else value[c]
                 for c in TABLES[table])


def days(text, at):
    """(id, date, location, bytes, updated_at) of a side of a bulk entry."""
    if text is None:
        return []
    return [(r[0], day, r[1], r[2], r[3] if len(r) > 3 else at)
            for day, rows in json.loads(text)["days"] for r in rows]


def day_changes(e):
    """(before, after) of each row of a bulk entry, in the order of the writing."""
    before, after = days(e["before"], e["at"]), days(e["after"], e["at"])
    out = []
    if e["op"] == "undo":
        for row in before:
            paired = bool(after) and after[0][0] == row[0]
            out.append((row, after.pop(0) if paired else None))
        need(not after, "a row of an undo belongs to nothing")
        return out
    while after:
        row = after.pop()
        paired = bool(before) and before[-1][0] == row[0]
        out.append((before.pop() if paired else None, row))
    need(not before, "a row of an import belongs to nothing")
    return out[::-1]


def replay_days(rows, e):
    for before, after in day_changes(e):
        made = rows.pop(before[0], None) if before else None
        need(before is None or made is not None and
             (*made[:4], made[5]) == before, f"entry {e['id']}: another day is there")
        if after:
            need(after[0] not in rows, f"entry {e['id']}: the day is there")
            rows[after[0]] = (*after[:4], made[4] if made else after[4], after[4])


def replay(state, e):
    """Bring {table: {id: row}} from before an entry to after it."""
    table = e["tbl"]
    if table not in TABLES:
        return
    if table == "daily_usage" and e["op"] in ("import", "batch", "undo"):
        replay_days(state["daily_usage"], e)
        return
    rows = state[table]
    before = row_of(table, e["before"]) if e["before"] else None
    after = row_of(table, e["after"]) if e["after"] else None
    key = (before or after)[0]
    need(rows.get(key) == before, f"entry {e['id']}: {rows.get(key)} is not {before}")
    if after is None:
        del rows[key]
    else:
        rows[key] = after

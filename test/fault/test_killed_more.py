"""What test_backup_kill.py does not kill: verification, and compaction of the
database - at their writes, flushes and renames, one after the other. What they
leave is as it was or as it will be, and the next run does it.

Shown to fail, in the long form: with fs_write_atomic() of lib/base/fsutil.c
writing to the final name, the manifest is gone or half when a proof is cut short.
Compaction is one transaction of SQLite's: there is no guard of ours to take out.
"""

import json
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from test_backup_kill import Killed  # noqa: E402


class Verify(Killed):
    def test_a_proof_is_written_or_not(self):
        name = self.create("--verify", "0")
        before = (pathlib.Path(self.backups) / f"{name}.json").read_text()
        died = 0
        for point in self.points(6, "verify", name, "--level", "2"):
            with self.subTest(point):
                (pathlib.Path(self.backups) / f"{name}.json").write_text(before)
                died += self.kill_at(point, "verify", name, "--level", "2")
                self.assertIn(self.listed()[0]["state"], ("unproven", "proven"))
                json.loads((pathlib.Path(self.backups) / f"{name}.json").read_text())
                self.backup("verify", name, "--level", "2")
                self.assertEqual(self.listed()[0]["state"], "proven")
                self.nothing_left()
        self.assertGreater(died, 3)


class Compact(Killed):
    killed = "dum-admin"

    def test_the_content_is_the_same_in_a_smaller_file_or_not(self):
        self.change("DELETE FROM daily_usage WHERE id % 10 <> 0",
                    "UPDATE location_records SET records = (SELECT count(*) FROM"
                    " daily_usage u WHERE u.location_id = location_records.location_id)")
        content = self.content(tables=["daily_usage"])
        died = 0
        for call, number in self.points(8, "compact", "--force"):
            with self.subTest(call=call, number=number):
                died += self.kill_at((call, number), "compact", "--force")
                self.assertEqual(self.content(tables=["daily_usage"]), content)
                self.assertEqual(self.integrity(), "ok")
                self.program("dum-admin", "audit", "verify")
                # Whoever goes on finds nothing in the way.
                self.program("dum-admin", "location", "add", f"after-{call}-{number}")
        self.assertGreater(died, 5)
        self.program("dum-admin", "compact", "--force")


if __name__ == "__main__":
    unittest.main(verbosity=1)

"""Run the unittest tests of one file and print TAP.

usage: tap.py FILE [NAME...]      only the tests whose name holds a NAME
"""

import importlib.util
import os
import sys
import time
import unittest


class TapResult(unittest.TestResult):
    """Prints a line for each test as it ends."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def tell(self, verdict, test, note=""):
        self.number += 1
        name = test.id().rsplit(".", 1)[-1] if hasattr(test, "id") else str(test)
        name = name.removeprefix("test_").replace("_", " ")
        seconds = time.monotonic() - self.started
        print(f"{verdict} {self.number} - {name}{note} # {seconds:.2f} s", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell("ok", test)

    def failed(self, test, err):
        self.tell("not ok", test)
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f"# {line}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.failed(test, err)

    def addSkip(self, test, reason):
        # A test that can not run here has not passed.
        super().addSkip(test, reason)
        self.tell("not ok", test, f" (skipped: {reason})")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            print(f"# in {subtest}")
            self.failed(test, err)


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def main(path, names):
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location("tests", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["tests"] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if names:
        suite = unittest.TestSuite(t for t in tests_of(suite)
                                   if any(name in t.id() for name in names))
    result = TapResult()
    suite.run(result)
    print(f"1..{result.number}")
    return 0 if result.number and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

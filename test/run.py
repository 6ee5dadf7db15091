"""Build, run every test program and add up what they say.

Each job is one program that prints TAP (Test Anything Protocol). One more runs
at a time than there are cores, since many wait for a disk or a clock; of one
that passes only a line is shown, of one that fails all that it said. The last line is "N passed, N failed". A program
that crashes, hangs or runs no test counts as a failed test.
"""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULT = re.compile(r"^\s*(ok|not ok)\b")
SUITE = re.compile(r"^\s*type: 'suite'")


class Job:
    """One test program."""

    def __init__(self, part, name, command, env=None, limit_s=240):
        self.part = part
        self.name = name
        self.command = command
        self.env = env or {}
        self.limit_s = limit_s
        self.passed = 0
        self.failed = 0
        self.output = ""
        self.seconds = 0.0

    def run(self):
        """Run it and read its verdicts."""
        start = time.monotonic()
        status = self.execute()
        self.seconds = time.monotonic() - start
        self.count()
        if self.passed + self.failed == 0:
            self.failed = 1
            self.output += f"\n{self.name} ran no test\n"
        if status != 0 and self.failed == 0:
            self.failed = 1
            self.output += f"\n{self.name} ended with status {status}\n"
        return self

    def execute(self):
        env = {**os.environ, **self.env}
        process = subprocess.Popen(
            self.command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, text=True, errors="replace")
        try:
            self.output, _ = process.communicate(timeout=self.limit_s)
        except subprocess.TimeoutExpired:
            # The whole session: a test may have started servers.
            os.killpg(process.pid, 15)
            try:
                self.output, _ = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                self.output, _ = process.communicate()
            self.output += f"\nstopped after {self.limit_s} seconds\n"
            return 1
        return process.returncode

    def count(self):
        """Count the verdicts; those of a suite only sum up its tests."""
        last = None
        for line in self.output.splitlines():
            match = RESULT.match(line)
            if match:
                last = match.group(1)
                self.passed += last == "ok"
                self.failed += last == "not ok"
            elif last and SUITE.match(line):
                self.passed -= last == "ok"
                self.failed -= last == "not ok"
                last = None


def lint_jobs():
    return [Job("lint", target, ["sh", "-c", f"make -s {target} && echo ok 1 - {target}"],
                limit_s=900)
            for target in ("lint-format", "lint-headers", "lint-rules",
                           "lint-shell", "lint-cppcheck", "lint-tidy")]


def program_jobs(part, variant):
    env = {
        "CMOCKA_MESSAGE_OUTPUT": "TAP",
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    return [Job(part, f"{variant} {os.path.basename(path)}", [path], env)
            for path in sorted(test_programs(variant))]


def test_programs(variant):
    unit = [os.path.basename(p)[:-2] for p in glob.glob(f"{ROOT}/test/unit/test_*.c")]
    app = ["app_" + os.path.basename(p)[:-2] for p in glob.glob(f"{ROOT}/test/app/test_*.c")]
    return [f"build/{variant}/test/{name}" for name in unit + app]


def python_jobs(part, *folders):
    env = {"BIN": f"{ROOT}/build/release/bin"}
    # make fault asks for the long form.
    limit_s = 6 * 3600 if os.environ.get("DUM_LONG") == "1" else 900
    paths = [path for folder in folders
             for path in glob.glob(f"{ROOT}/test/{folder}/test_*.py")]
    return [Job(part, os.path.relpath(path, ROOT),
                [sys.executable, "test/tap.py", path], env, limit_s=limit_s)
            for path in sorted(paths)]


def page_jobs():
    tests = sorted(os.path.relpath(p, ROOT) for p in glob.glob(f"{ROOT}/www/test/*.test.js"))
    return [Job("page", "www/test", ["node", "--test", "--test-reporter=tap", *tests])]


def browser_jobs():
    env = {"BIN": f"{ROOT}/build/release/bin"}
    return [Job("browser", "test/e2e", ["test/e2e/run.sh"], env, limit_s=900)]


PARTS = {
    "lint": ("formatting, layers, static analysis", lint_jobs),
    "unit": ("every module, and the API without a server",
             lambda: program_jobs("unit", "release")),
    "asan": ("the same with address and undefined-behaviour sanitizers",
             lambda: program_jobs("asan", "asan")),
    "tools": ("the real programs, nginx and the pool",
              lambda: python_jobs("tools", "it", "it/*")),
    "fault": ("kill -9, power cuts, no memory, full and failing disks",
              lambda: python_jobs("fault", "fault")),
    "page": ("the page's own modules", page_jobs),
    "browser": ("the whole in a browser", browser_jobs),
}


def build(parts):
    """Build what the parts need; the output only where it fails."""
    targets = []
    if set(parts) & {"tools", "fault", "page", "browser", "lint"}:
        targets.append(["all"])
    if "unit" in parts:
        targets.append(["tests"])
    if "asan" in parts:
        targets.append(["tests", "VARIANT=asan"])
    for target in targets:
        start = time.monotonic()
        done = subprocess.run(["make", "-s", f"-j{os.cpu_count() or 2}", *target],
                              cwd=ROOT, env={**os.environ, "CI": "true"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace")
        if done.returncode != 0:
            print(done.stdout)
            print(f"make {' '.join(target)} failed")
            print("0 passed, 1 failed")
            sys.exit(1)
        print(f"built {' '.join(target):24} {time.monotonic() - start:6.1f} s", flush=True)


def report(job):
    verdict = "ok" if job.failed == 0 else "FAILED"
    print(f"{verdict:6} {job.part:8} {job.name:36} {job.passed:4} passed"
          f" {job.failed:3} failed {job.seconds:6.1f} s", flush=True)
    if job.failed:
        print(job.output, flush=True)


def run_jobs(jobs):
    # The longest first: at the end nobody waits for it alone.
    order = sorted(jobs, key=lambda job: job.part != "browser")
    with concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for done in concurrent.futures.as_completed([pool.submit(j.run) for j in order]):
            report(done.result())


def main(words):
    if words == ["--list"]:
        for name, (what, _) in PARTS.items():
            print(f"{name:8} {what}")
        return 0
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        print(f"test: there is no part '{unknown[0]}'; scripts/test --list names them",
              file=sys.stderr)
        return 2
    parts = words or list(PARTS)
    start = time.monotonic()
    build(parts)
    jobs = [job for part in parts for job in PARTS[part][1]()]
    run_jobs(jobs)
    passed = sum(job.passed for job in jobs)
    failed = sum(job.failed for job in jobs)
    for part in parts:
        seconds = sum(job.seconds for job in jobs if job.part == part)
        print(f"{part:8} {seconds:6.1f} s")
    print(f"all      {time.monotonic() - start:6.1f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    if shutil.which("make") is None:
        sys.exit("test: run scripts/test, which installs what is missing")
    sys.exit(main(sys.argv[1:]))

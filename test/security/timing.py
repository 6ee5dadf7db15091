#!/usr/bin/env python3
"""Does the time of a log-in tell whether there is such a user, and what does
one cost? Measured, and so outside scripts/test.

Wrong passwords for users that there are and for names that there are not, 50
each and interleaved, so that whatever else the machine does meets both alike:
the medians differ by less than 5 %, in the middle one of three such series.
Each attempt comes from an address of its own and with a name that has failed
seldom, for the delays after failures would be measured otherwise. One log-in
takes 20 to 60 ms of processor time, as the system counts it for the worker.

DUM_URL, DUM_STATE and BIN as run.sh gives them; the service has one worker and
takes X-Forwarded-For from loopback.
"""

import http.client
import json
import os
import pathlib
import re
import ssl
import statistics
import subprocess
import sys
import time
import urllib.parse

ROUNDS = 50
SERIES = 3
MOST_DIFFERENCE = 0.05
LEAST_MS, MOST_MS = 20, 60
STATE = pathlib.Path(os.environ["DUM_STATE"])


def admin(*arguments, text=None):
    return subprocess.run(
        [os.environ["BIN"] + "/dum-admin", "--config", STATE / "dum.conf",
         *arguments], check=True, capture_output=True, text=True,
        input=text).stdout


def connect():
    url = urllib.parse.urlsplit(os.environ["DUM_URL"])
    context = ssl.create_default_context(cafile=STATE / "tls" / "cert.pem")
    return http.client.HTTPSConnection(url.hostname, url.port,
                                       context=context, timeout=20)


class Client:
    """One kept connection, so that no handshake is measured."""

    def __init__(self):
        self.connection = connect()
        self.attempts = 0

    def log_in(self, name):
        """Seconds until the answer."""
        self.attempts += 1
        address = f"10.{self.attempts >> 8}.{self.attempts & 255}.1"
        body = json.dumps({"username": name,
                           "password": "none of the pass phrases"})
        begun = time.perf_counter()
        self.connection.request("POST", "/api/auth/login", body, {
            "Content-Type": "application/json", "X-Forwarded-For": address})
        response = self.connection.getresponse()
        response.read()
        taken = time.perf_counter() - begun
        if response.status != 401:
            raise SystemExit(f"{name}: status {response.status}, not 401")
        return taken


def worker_ms():
    """Processor time of the worker since it started."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            command = pathlib.Path(f"/proc/{name}/cmdline").read_bytes()
            stat = pathlib.Path(f"/proc/{name}/schedstat").read_text()
        except OSError:
            continue
        if re.match(rb"[^\0]*/dum-api\0--config\0" +
                    re.escape(bytes(STATE)) + rb"/", command):
            return int(stat.split()[0]) / 1e6
    raise SystemExit("there is no worker")


def one_series(client, names, number):
    """Medians for known and unknown users, in ms."""
    known, unknown = [], []
    for i, name in enumerate(names):
        first, second = ((known, name), (unknown, f"nobody{number}{i:02}"))
        if i % 2:
            first, second = second, first
        for times, who in (first, second):
            times.append(client.log_in(who))
    for label, times in (("known", known), ("unknown", unknown)):
        print(label, *(f"{t * 1000:.1f}" for t in sorted(times)),
              file=sys.stderr)
    return [statistics.median(times) * 1000 for times in (known, unknown)]


def main():
    names = [f"known{i:02}" for i in range(ROUNDS)]
    for name in names:
        admin("user", "add", name, "--role", "viewer",
              text="a pass phrase of its own\n")
    client = Client()
    for i in range(5):
        client.log_in(f"warm{i:02}")
    before, begun = worker_ms(), client.attempts
    medians = [one_series(client, names, n) for n in range(SERIES)]
    cost = (worker_ms() - before) / (client.attempts - begun)
    differences = [known / unknown - 1 for known, unknown in medians]
    middle = statistics.median(differences)
    print("known and unknown: "
          + ", ".join(f"{k:.1f} and {u:.1f} ms ({d:+.1%})"
                      for (k, u), d in zip(medians, differences))
          + f"; {cost:.1f} ms of processor time each")
    return 0 if (abs(middle) < MOST_DIFFERENCE
                 and LEAST_MS <= cost <= MOST_MS) else 1


if __name__ == "__main__":
    sys.exit(main())

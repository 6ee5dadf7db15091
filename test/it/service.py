"""A whole service of one's own for a test: scripts/run in a folder that goes
away with it, asked over TLS as any client would.

    service = Service("--workers", "2").start()
    service.request("GET", "/api/data/locations").json()
    service.stop()

Every /api request carries a key of scope admin, made when the service starts;
key=None leaves it out. What a test calls independent sums comes from Python's
decimal and sqlite3 (read only, so that it can not checkpoint), never from the
programs under test.
"""

import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time

from openapi import Document

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BIN", TOP / "build/release/bin")).resolve()
RUN = TOP / "scripts/run"
DATA = TOP / "test/data"
JSON = {"Content-Type": "application/json"}

# Every answer of every test is one that it describes.
DOCUMENT = Document()

# Long enough for a busy machine: only guards against waiting for ever.
PATIENCE_S = 120


# The certificate is one that scripts/run made for itself.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def noon_zone(now=None):
    """A time zone where it is about noon: no test meets midnight in it."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    ahead = 12 - now.hour
    return "UTC" if ahead == 0 else f"Etc/GMT{-ahead:+d}"


def wait_for(condition, seconds=PATIENCE_S, pause=0.02):
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return bool(condition())


def clean_environment(**more):
    """Ours without what would change the programs' settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DUM_")}
    return {**env, **more}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Client:
    """One connection that stays, for many requests; not shared by threads."""

    def __init__(self, service, key):
        self.service = service
        self.key = key
        self.connection = None

    def request(self, method, path, body=None, headers=None):
        """The answer; OSError or HTTPException where none came."""
        headers = dict(headers or {})
        if self.key:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None and "Content-Type" not in headers:
            headers.update(JSON)
        if self.connection is None:
            self.connection = self.service.connect()
        try:
            self.connection.request(method, path, body, {
                k: v for k, v in headers.items() if v is not None})
            answer = Answer(self.connection.getresponse())
            DOCUMENT.check(method, path, answer)
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if self.connection.sock is None:    # the server closed it
            self.close()
        return answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Service:
    """One scripts/run: state folder, port, and all that runs for them."""

    def __init__(self, *arguments, settings=None, wrap=(), env=None,
                 folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="dum-it."))
        self.own_folder = folder is None
        self.state = self.folder / "state"
        self.config = self.state / "dum.conf"
        self.database = self.state / "data_usage.db"
        self.port = free_port()
        self.arguments = arguments
        self.settings = {"TIMEZONE": noon_zone(), **(settings or {})}
        self.wrap = list(wrap)
        self.env = env or {}
        self.process = None
        self.key = None
        self.log = self.folder / "run.log"

    # --- its life ---------------------------------------------------------

    def write_config(self, **settings):
        """dum.conf anew; workers that start later read it."""
        self.settings.update(settings)
        lines = {
            "DATABASE_PATH": self.database,
            "AUDIT_ANCHOR_FILE": self.state / "anchors.log",
            "DATABASE_BACKUP_DIR": self.state / "backups",
            "SECRET_KEY_FILE": self.state / "secret.key",
            "LOG_LEVEL": "INFO",
            **self.settings,
        }
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.config.write_text("".join(f"{k}={v}\n" for k, v in lines.items()))

    def start(self):
        if not self.wrap:
            self.write_config()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrap, RUN, "--unlimited", "--state", self.state,
                 "--port", str(self.port), *self.arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=clean_environment(**self.env), text=True)
        # The first to use a checkout builds it.
        watchdog = threading.Timer(5 * PATIENCE_S, self.process.kill)
        watchdog.start()
        ready = self.process.stdout.readline()
        watchdog.cancel()
        if ready != f"ready https://127.0.0.1:{self.port}/\n":
            self.stop()
            raise AssertionError(f"no ready line ({ready!r}): {self.told()}")
        self.key = self.make_key()
        return self

    def told(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self, with_signal=signal.SIGTERM):
        """Exit status; the folder goes too. Safe to call twice."""
        process, self.process = self.process, None
        status = None
        if process is not None:
            if process.poll() is None:
                process.send_signal(with_signal)
            process.communicate(timeout=PATIENCE_S)
            status = process.returncode
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        return status

    def make_key(self):
        """A key that may do everything; None while there are no keys."""
        if "key add" not in self.tool("dum-admin", "--help").stdout:
            return None
        return self.tool("dum-admin", "key", "add", "test", "--scope",
                         "admin").stdout.strip()

    # --- programs ---------------------------------------------------------

    def tool(self, name, *arguments, status=0, data=None, env=None):
        """Run a program of ours with this service's settings."""
        command = [*self.entering(), BIN / name, "--config", self.config,
                   *arguments]
        done = subprocess.run(command, input=data, capture_output=True,
                              env=clean_environment(**(env or {})),
                              timeout=5 * PATIENCE_S,
                              check=False, text=not isinstance(data, bytes))
        if status is not None and done.returncode != status:
            raise AssertionError(f"{command} ended with {done.returncode}: "
                                 f"{done.stdout!r} {done.stderr!r}")
        return done

    def entering(self):
        """What leads into the service's own mount namespace, if it has one."""
        if not self.wrap:
            return []
        # --root: into what the service sees as its root, also in a chroot.
        return ["nsenter", f"--target={self.process.pid}", "--mount", "--root",
                *([] if os.geteuid() == 0 else
                  ["--user", "--preserve-credentials"])]

    def sqlite(self, sql):
        """The lines that the sqlite3 program gives, as docs tell people to."""
        done = subprocess.run(
            [*self.entering(), "sqlite3", f"file:{self.database}?mode=ro", sql],
            capture_output=True, text=True, timeout=5 * PATIENCE_S, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{sql}: {done.stderr}")
        return done.stdout.splitlines()

    def query(self, sql, *arguments):
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True,
                             timeout=20)
        try:
            return db.execute(sql, arguments).fetchall()
        finally:
            db.close()

    DATA_TABLES = ("locations", "daily_usage", "monthly_summaries",
                   "cycle_settings", "imports")

    def data(self):
        """All that people entered: equal before and after a refusal."""
        return {table: self.query(f"SELECT * FROM {table} ORDER BY id")
                for table in self.DATA_TABLES}

    # --- requests ---------------------------------------------------------

    def connect(self, timeout=PATIENCE_S):
        return http.client.HTTPSConnection("127.0.0.1", self.port,
                                           context=TLS, timeout=timeout)

    def client(self, key=...):
        return Client(self, self.key if key is ... else key)

    def request(self, method, path, body=None, headers=None, key=...):
        client = self.client(key)
        try:
            return client.request(method, path, body, headers)
        finally:
            client.close()

    def get(self, path, key=...):
        """The JSON of an answer that has to be 200."""
        answer = self.request("GET", path, key=key)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json()

    # --- processes --------------------------------------------------------

    def workers(self):
        """The process ids of the pool's workers, this service's alone."""
        return [pid for pid in descendants(self.process.pid)
                if re.match(rb"[^\0]*/dum-api\0", command_of(pid))]


def parent_of(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, parent = text[text.rindex(")") + 2:].split()[:2]
    return None if state == "Z" else int(parent)


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def descendants(pid):
    """All that a process started, itself left out."""
    parents = {int(n): parent_of(n) for n in os.listdir("/proc") if n.isdigit()}
    family, size = {pid}, 0
    while len(family) != size:
        size = len(family)
        family |= {p for p, parent in parents.items() if parent in family}
    return family - {pid}

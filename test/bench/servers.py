"""The servers that are measured: ours, and the peers behind the same nginx.

Each has url(path), headers, pids() of the processes that answer, and stop().
A peer's nginx is ours with another pool: same TLS, headers, log and number of
workers, so that what differs is the program behind it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import ssl

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(TOP, "build/release/bin")
NO_CHECK = ssl._create_unverified_context()  # a certificate of our own making


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found.append(int(entry))
                found += children(int(entry))
    return found


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def pss_kib(pid):
    """Memory of a process, what it shares divided among those that share it."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+) kB", file.read(), re.M).group(1))


def wait_for(url, headers, seconds=30):
    end = time.monotonic() + seconds
    request = urllib.request.Request(url, headers=headers)
    while True:
        try:
            with urllib.request.urlopen(request, context=NO_CHECK, timeout=5):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Server:
    program = ""

    def __init__(self):
        self.processes = []
        self.headers = {}
        self.base = ""

    def url(self, path):
        return self.base + path

    def pids(self):
        return [pid for process in self.processes for pid in children(process.pid)
                if name_of(pid).startswith(self.program)]

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []


class Ours(Server):
    """scripts/run in a folder that may hold a database already."""

    program = "dum-api"

    def __init__(self, state, workers, settings=None):
        super().__init__()
        self.state = state
        self.workers = workers
        self.prepare(settings or {})
        self.start()

    def prepare(self, settings):
        """The settings file that scripts/run would write, with ours on top."""
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        values = {"DATABASE_PATH": f"{self.state}/data_usage.db",
                  "DATABASE_BACKUP_DIR": f"{self.state}/backups",
                  "SECRET_KEY_FILE": f"{self.state}/secret.key",
                  "AUDIT_ANCHOR_FILE": f"{self.state}/audit-anchors.log",
                  "WORKER_MAX_REQUESTS": "0", "TIMEZONE": "UTC", **settings}
        with open(self.config, "w", encoding="ascii") as file:
            file.writelines(f"{key}={value}\n" for key, value in values.items())

    @property
    def config(self):
        return f"{self.state}/dum.conf"

    def tool(self, name, *words, **options):
        return subprocess.run([f"{BIN}/{name}", "--config", self.config, *words],
                              check=True, capture_output=True, text=True, **options).stdout

    def start(self):
        port = free_port()
        run = subprocess.Popen([f"{TOP}/scripts/run", "--state", self.state, "--port", str(port),
                                "--workers", str(self.workers), "--unlimited"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.processes = [run]
        line = run.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit("bench: the service did not start")
        self.base = line.split()[1].rstrip("/")
        if "Authorization" not in self.headers:
            key = self.tool("dum-admin", "key", "add", "bench", "--scope", "read",
                            "--scope", "write").split()[-1]
            self.headers = {"Authorization": f"Bearer {key}"}

    def restart(self, settings):
        self.stop()
        self.prepare(settings)
        self.start()


class Peer(Server):
    """A pool of another make behind a copy of our nginx's configuration."""

    def __init__(self, folder, ours):
        super().__init__()
        self.folder = folder
        os.makedirs(f"{folder}/run", exist_ok=True)
        self.socket = f"{folder}/run/api.sock"
        self.port = free_port()
        self.base = f"https://127.0.0.1:{self.port}"
        self.configure(ours)

    def change(self, text):
        """What is different in a file of the configuration."""
        return text

    def configure(self, ours):
        old_port = ours.base.rsplit(":", 1)[1]
        shutil.copytree(f"{ours.state}/nginx", f"{self.folder}/nginx", dirs_exist_ok=True)
        os.makedirs(f"{self.folder}/log", exist_ok=True)
        shutil.copytree(f"{ours.state}/tls", f"{self.folder}/tls", dirs_exist_ok=True)
        for place, _, names in os.walk(f"{self.folder}/nginx"):
            for name in names:
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                text = re.sub(r'"unix:[^"]*"', f'"unix:{self.socket}"', text)
                text = text.replace(ours.state + "/", self.folder + "/")
                text = text.replace(f"127.0.0.1:{old_port}", f"127.0.0.1:{self.port}")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(self.change(text))

    def run(self, command, env=None):
        process = subprocess.Popen(command, env={**os.environ, **(env or {})},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.processes.append(process)

    def serve(self, path):
        end = time.monotonic() + 30
        while not os.path.exists(self.socket):
            if time.monotonic() > end:
                raise SystemExit(f"bench: {type(self).__name__} did not start")
            time.sleep(0.05)
        self.run(["nginx", "-e", f"{self.folder}/log/nginx-error.log",
                  "-c", f"{self.folder}/nginx/nginx.conf"])
        wait_for(self.url(path), self.headers)


class Ceiling(Peer):
    """A FastCGI program that does no work: as fast as it can get."""

    program = "hello"

    def __init__(self, folder, ours, peers, workers):
        super().__init__(folder, ours)
        subprocess.run(["gcc", "-O2", "-o", f"{folder}/hello", f"{peers}/ceiling/hello.c", "-lfcgi"],
                       check=True)
        self.run(["spawn-fcgi", "-n", "-s", self.socket, "-M", "0660", "-b", "1024", "--",
                  shutil.which("multiwatch"), "-f", str(workers), "--", f"{folder}/hello"])
        self.serve("/health")


class Php(Peer):
    """The first description's answers by PHP-FPM."""

    program = "php-fpm"

    def __init__(self, folder, ours, peers, workers, database):
        self.script = os.path.abspath(f"{peers}/php/index.php")
        super().__init__(folder, ours)
        fpm = next(path for path in map(shutil.which, ("php-fpm8.2", "php-fpm8.4", "php-fpm")) if path)
        with open(f"{folder}/fpm.conf", "w", encoding="ascii") as file:
            file.write(f"[global]\ndaemonize = no\nerror_log = {folder}/log/fpm.log\n"
                       f"[www]\nlisten = {self.socket}\nlisten.mode = 0660\n"
                       f"user = root\ngroup = root\npm = static\npm.max_children = {workers}\n"
                       f"env[DB] = {database}\n")
        root = ["-R"] if os.getuid() == 0 else []
        self.run([fpm, "-n", "-d", "extension=pdo.so", "-d", "extension=pdo_sqlite.so",
                  *root, "-y", f"{folder}/fpm.conf"])
        self.serve("/api/dashboard/usage-trends?days=1")

    def change(self, text):
        return text.replace("fastcgi_param REQUEST_METHOD $request_method;",
                            "fastcgi_param REQUEST_METHOD $request_method;\n"
                            f"fastcgi_param SCRIPT_FILENAME {self.script};")


class Flask(Peer):
    """The first description's own design: Flask and gunicorn."""

    program = "gunicorn"

    def __init__(self, folder, ours, peers, workers, database):
        super().__init__(folder, ours)
        # Debian's interpreter has Debian's packages, whichever comes first in PATH.
        self.run(["/usr/bin/python3", "/usr/bin/gunicorn", "-w", str(workers),
                  "-b", f"unix:{self.socket}", "--chdir", f"{peers}/flask", "app:app"],
                 {"DB": database, "PYTHONDONTWRITEBYTECODE": "1"})
        self.serve("/health")

    def change(self, text):
        return text.replace("fastcgi_pass dum_pool;", "proxy_pass http://dum_pool;")

"""A pool of workers without nginx, and FastCGI spoken to it byte by byte: for
what nginx would never send, and for addresses that it would never see."""

import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[3]
RELEASE = TOP / "build" / "release" / "bin"

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES = range(1, 10)
RESPONDER = 1


def record(kind, content=b"", request=1, version=1, padding=0, says=None):
    """One record; says: the length that its header tells, where it lies."""
    length = len(content) if says is None else says
    return (struct.pack(">BBHHBx", version, kind, request, length, padding)
            + content + b"\0" * padding)


def begin(role=RESPONDER, flags=0, **how):
    return record(BEGIN, struct.pack(">HB5x", role, flags), **how)


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pair(name, value):
    name, value = (t if isinstance(t, bytes) else t.encode()
                   for t in (name, value))
    return length(len(name)) + length(len(value)) + name + value


def stream(kind, content):
    """Content in records as large as there can be, and the empty last one."""
    pieces = [content[i:i + 65535] for i in range(0, len(content), 65535)]
    return b"".join(record(kind, p) for p in pieces) + record(kind)


def head(method="GET", uri="/health", body=b"", address="127.0.0.1", **more):
    """The parameters of a request, as nginx would make them."""
    fields = {"REQUEST_METHOD": method, "REQUEST_URI": uri,
              "QUERY_STRING": "", "REMOTE_ADDR": address,
              "CONTENT_LENGTH": str(len(body)) if body else "",
              "CONTENT_TYPE": "application/json" if body else "",
              "REQUEST_ID": "0" * 32, "HTTP_HOST": "localhost", **more}
    return b"".join(pair(n, v) for n, v in fields.items() if v is not None)


def request(method="GET", uri="/health", body=b"", **more):
    return (begin() + stream(PARAMS, head(method, uri, body, **more))
            + stream(STDIN, body))


def answer_of(data):
    """What stands in the STDOUT records; None: not one whole answer."""
    out, at = b"", 0
    while at + 8 <= len(data):
        _, kind, _, size, padding = struct.unpack_from(">BBHHB", data, at)
        if kind == STDOUT:
            out += data[at + 8:at + 8 + size]
        elif kind == END:
            return out
        at += 8 + size + padding
    return None


class Pool:
    """spawn-fcgi, multiwatch and workers, with a database of their own."""

    def __init__(self, folder, workers=2, programs=RELEASE, settings="",
                 linger_ms=200):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700)
        self.socket = self.folder / "api.sock"
        self.log = self.folder / "api.log"
        self.conf = self.folder / "dum.conf"
        self.conf.write_text(
            f"DATABASE_PATH={self.folder}/data.db\n"
            f"DATABASE_BACKUP_DIR={self.folder}/backups\n"
            f"SECRET_KEY_FILE={self.folder}/secret.key\n"
            f"AUDIT_ANCHOR_FILE={self.folder}/anchors.log\n{settings}")
        self.conf.chmod(0o600)
        self.admin("init")
        self.admin("migrate")
        env = {**os.environ,
               "LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT": "200",
               "LIBFCGI_OS_CLOSE_POLL_TIMEOUT": str(linger_ms),
               "ASAN_OPTIONS": "detect_stack_use_after_return=1",
               "UBSAN_OPTIONS": "print_stacktrace=1"}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--",
                 "spawn-fcgi", "-n", "-s", self.socket, "-M", "0600", "--",
                 "/usr/bin/multiwatch", "-f", str(workers), "-r", "1000000",
                 "-t", "100", "-s", "TERM", "--", "/usr/bin/setpriv",
                 "--pdeathsig", "TERM", "--",
                 str(programs / "dum-api"), "--config", self.conf],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                start_new_session=True)
        deadline = time.monotonic() + 20
        while not self.socket.exists() or len(self.workers()) < workers:
            if time.monotonic() > deadline:
                raise AssertionError(self.log.read_text())
            time.sleep(0.02)

    def admin(self, *arguments, text=None):
        return subprocess.run(
            [RELEASE / "dum-admin", "--config", self.conf, *arguments],
            check=True, capture_output=True, text=True, input=text,
            timeout=20).stdout

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def workers(self):
        """The process ids of the workers there are."""
        found = set()
        for name in os.listdir("/proc"):
            try:
                stat = pathlib.Path(f"/proc/{name}/stat").read_text()
                command = pathlib.Path(f"/proc/{name}/cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            state, parent = re.search(r"\) (\S) (\d+)", stat).groups()
            if (int(parent) == self.process.pid and state != "Z"
                    and b"/dum-api\0" in command.split(b"--config")[0]):
                found.add(int(name))
        return found

    def connect(self, timeout=15):
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(timeout)
        plain.connect(str(self.socket))
        return plain

    def send(self, data, half_close=False, timeout=15):
        """Send bytes, return all that comes back before the end."""
        got = b""
        with self.connect(timeout) as plain:
            try:
                plain.sendall(data)
                if half_close:
                    plain.shutdown(socket.SHUT_WR)
                while chunk := plain.recv(65536):
                    got += chunk
            except (BrokenPipeError, ConnectionResetError):
                pass
        return got

    def ask(self, method="GET", uri="/health", body=b"", **more):
        """Status and body of one proper request."""
        out = answer_of(self.send(request(method, uri, body, **more)))
        if out is None:
            return None, b""
        fields, _, rest = out.partition(b"\r\n\r\n")
        return int(re.search(rb"Status: (\d+)", fields).group(1)), rest

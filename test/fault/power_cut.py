"""What a power cut can leave of a folder, worked out from the system calls of
the program that was at work in it.

    disk = Disk(folder)                     # all of it lies on the disk now
    calls = record(folder, [program, ...])  # strace runs it and writes down
    for cut in cuts(disk, calls):           # what may be there afterwards
        cut.write_to(elsewhere)

What fsync and fdatasync were asked to carry to the disk is there. Of what was
written since, each write may be there, be lost, or be there in some of its
sectors of 512 bytes, in any order; so may each change of a name (a file made,
renamed, removed) since the folder itself was flushed. A file that was renamed
and never flushed is there and empty. Memory that is mapped is not seen: SQLite
does that with -shm alone, which is made anew at the next start.
"""

import collections
import copy
import os
import random
import re
import shutil
import subprocess

SECTOR = 512
CALLS = ("openat", "open", "creat", "write", "writev", "pwrite64", "pwritev",
         "fsync", "fdatasync", "ftruncate", "truncate", "fallocate", "lseek",
         "rename", "renameat", "renameat2", "link", "linkat", "unlink",
         "unlinkat", "mkdir", "mkdirat", "rmdir", "copy_file_range", "sendfile")

# Files whose bytes mean nothing after a start: the index of the log, locks, and
# what has lost its name.
NOT_KEPT = ("-shm", "-lock", ".lock", " (deleted)")

# How much is kept of what was not flushed.
LOST, KEPT, MIXED = "lost", "kept", "mixed"

Call = collections.namedtuple("Call", "name args result")
FD = re.compile(r"(-?\d+|AT_FDCWD)(?:<(.*)>(?:\(deleted\))?)?$", re.S)


# --- recording --------------------------------------------------------------

def tracing(log):
    """The command that writes down what follows it, or -p PROCESS."""
    return ["strace", "-f", "-qq", "-y", "-xx", "-s", "16777216", "-o", str(log),
            "-e", "trace=" + ",".join(CALLS), "-e", "signal=none"]


def record(log, command, **how):
    """Run a program to its end; (its result, the calls it made)."""
    done = subprocess.run([*tracing(log), *command], capture_output=True,
                          check=False, **how)
    return done, read_calls(log)


def read_calls(log):
    """The calls that succeeded, in the order in which they ended."""
    begun, calls = {}, []
    with open(log, encoding="ascii", errors="replace") as f:
        for line in f:
            pid, text = line.rstrip("\n").split(None, 1)
            if text.endswith("<unfinished ...>"):
                begun[pid] = text.removesuffix("<unfinished ...>").rstrip()
                continue
            if text.startswith("<... "):
                text = begun.pop(pid) + text.split("resumed>", 1)[1]
            match = re.match(r"(\w+)\((.*)\)\s+= (.*)$", text, re.S)
            if match and not match.group(3).startswith(("-1", "?")):
                name, args, result = match.groups()
                calls.append(Call(name, args.split(", "), result))
    return calls


def unhex(text):
    """Bytes of "\\x61\\x62", with or without the quotes."""
    text = text.strip('"')
    if text.endswith('"...'):
        raise AssertionError("a call was written down in part")
    if re.fullmatch(r"(\\x[0-9a-f]{2})*", text):
        return bytes.fromhex(text.replace("\\x", ""))
    return text.encode()


def path_of(fd):
    """(number, path) of an argument or result like 5</tmp/x>."""
    match = FD.match(fd)
    path = unhex(match.group(2) or "").decode(errors="replace")
    return match.group(1), path + (" (deleted)" if fd.endswith("(deleted)") else "")


def path_at(folder, name):
    """The path of a name that is relative to an open folder."""
    return os.path.normpath(os.path.join(path_of(folder)[1], unhex(name).decode()))


# --- the disk ---------------------------------------------------------------

class File:
    """What is on the disk of it, and what may be."""

    def __init__(self, durable=b""):
        self.durable = durable
        self.pending = []       # (offset, bytes), or (length, None): cut there

    def flush(self):
        self.durable = self.left(lambda _: KEPT)
        self.pending = []

    def left(self, choose, rand=None):
        """Its bytes where choose() says of each write what became of it."""
        if not self.pending:
            return self.durable
        data = bytearray(self.durable)
        for offset, piece in self.pending:
            kept = choose(piece)
            if kept == LOST:
                continue
            if piece is None:
                data[offset:] = bytes(max(0, offset - len(data)))
                continue
            if len(data) < offset + len(piece):
                data.extend(bytes(offset + len(piece) - len(data)))
            for start, end in sectors(offset, len(piece)):
                if kept == KEPT or rand.random() < 0.5:
                    data[start:end] = piece[start - offset:end - offset]
        return bytes(data)


def sectors(offset, length):
    """The pieces that a disk writes one after the other."""
    at = offset
    while at < offset + length:
        end = min(at - at % SECTOR + SECTOR, offset + length)
        yield at, end
        at = end


class Disk:
    """A folder: what is in it for its programs, and what is on the disk."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.names, self.folders = {}, set()
        for at, _, files in os.walk(self.folder):
            self.folders.add(at)
            for name in files:
                path = os.path.join(at, name)
                if os.path.isfile(path) and not path.endswith(NOT_KEPT):
                    with open(path, "rb") as f:
                        self.names[path] = File(f.read())
        self.durable_names = dict(self.names)
        self.durable_folders = set(self.folders)
        self.renamed = []       # (folder, what, path, path or File)
        self.offsets = {}       # number of an open file: where it stands
        self.told = []          # what went to somebody else, in order

    # Each returns whether the disk, or what is known outside, has changed.

    def take(self, call):
        if call.name in ("openat", "open", "creat"):
            return self.take_open(call)
        if call.name in ("write", "pwrite64"):
            return self.take_write(call)
        if call.name in ("fsync", "fdatasync"):
            return self.take_flush(call)
        if call.name in ("rename", "renameat", "renameat2", "link", "linkat"):
            return self.take_rename(call)
        if call.name in ("unlink", "unlinkat", "rmdir"):
            return self.take_unlink(call)
        if call.name in ("mkdir", "mkdirat"):
            return self.take_mkdir(call)
        number, path = path_of(call.args[0])
        if call.name == "lseek":
            self.offsets[number] = int(call.result)
            return False
        file = self.names.get(path)
        if file is None:
            return False
        if call.name == "ftruncate":
            file.pending.append((int(call.args[1]), None))
            return True
        raise AssertionError(f"{call.name} of {path} is not replayed yet")

    def take_open(self, call):
        number, path = path_of(call.result)
        flags = call.args[2 if call.name == "openat" else 1]
        self.offsets[number] = 0
        if not self.is_ours(path) or "O_CREAT" not in flags and "O_TRUNC" not in flags:
            return False
        if path not in self.names:
            self.names[path] = File()
            self.rename("add", path, self.names[path])
        elif "O_TRUNC" in flags:
            self.names[path].pending.append((0, None))
        if "O_APPEND" in flags:
            self.offsets[number] = None
        return True

    def is_ours(self, path):
        return (path.startswith(self.folder + "/") and path not in self.folders
                and not path.endswith(NOT_KEPT))

    def take_write(self, call):
        number, path = path_of(call.args[0])
        data = unhex(call.args[1])[:int(call.result)]
        file = self.names.get(path)
        if file is None:
            if number == "1" or path.startswith("socket:"):
                self.told.append(data)
                return True
            return False
        if call.name == "pwrite64":
            offset = int(call.args[3])
        else:
            offset = self.offsets.get(number)
            if offset is None:
                offset = len(file.left(lambda _: KEPT))
            else:
                self.offsets[number] = offset + len(data)
        file.pending.append((offset, data))
        return True

    def take_flush(self, call):
        _, path = path_of(call.args[0])
        if path in self.names:
            self.names[path].flush()
            return True
        if path not in self.folders:
            return False
        stay = []
        for change in self.renamed:
            if change[0] == path:
                rename_in(self.durable_names, self.durable_folders, change)
            else:
                stay.append(change)
        self.renamed = stay
        return True

    def rename(self, what, path, other=None):
        self.renamed.append((os.path.dirname(path), what, path, other))

    def take_rename(self, call):
        if call.name in ("rename", "link"):
            here = "AT_FDCWD</>"
            old, new = path_at(here, call.args[0]), path_at(here, call.args[1])
        else:
            old = path_at(call.args[0], call.args[1])
            new = path_at(call.args[2], call.args[3])
        if old not in self.names:
            return False
        if os.path.dirname(old) != os.path.dirname(new):
            raise AssertionError(f"{old} went to another folder")
        file = self.names[old]
        if call.name.startswith("rename"):
            del self.names[old]
            self.rename("rename", old, (new, file))
        else:
            self.rename("add", new, file)
        self.names[new] = file
        return True

    def take_unlink(self, call):
        here = call.name == "unlinkat"
        path = path_at(call.args[0] if here else "AT_FDCWD</>",
                       call.args[1 if here else 0])
        if path in self.names:
            del self.names[path]
            self.rename("remove", path)
            return True
        if path in self.folders:
            self.folders.remove(path)
            self.rename("rmdir", path)
            return True
        return False

    def take_mkdir(self, call):
        here = call.name == "mkdirat"
        path = path_at(call.args[0] if here else "AT_FDCWD</>",
                       call.args[1 if here else 0])
        if not self.is_ours(path):
            return False
        self.folders.add(path)
        self.rename("mkdir", path)
        return True

    # --- the cut --------------------------------------------------------------

    def cut(self, how, rand):
        """What is there after the power comes back."""
        def choose(piece):
            if how != MIXED:
                return how
            return rand.choice((LOST, KEPT) if piece is None else (LOST, KEPT, MIXED))

        names, folders = dict(self.durable_names), set(self.durable_folders)
        for change in self.renamed:
            if choose(None) == KEPT:
                rename_in(names, folders, change)
        return {os.path.relpath(path, self.folder): file.left(choose, rand)
                for path, file in names.items() if os.path.dirname(path) in folders}


def rename_in(names, folders, change):
    """Do one change of a name."""
    _, what, path, other = change
    if what == "add":
        names[path] = other
    elif what == "remove":
        names.pop(path, None)
    elif what == "rename":
        names.pop(path, None)
        names[other[0]] = other[1]
    elif what == "mkdir":
        folders.add(path)
    else:
        folders.discard(path)


class Cut(collections.namedtuple("Cut", "after how told files")):
    """What is left by a cut after so many calls; told: what had gone out."""

    def write_to(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for name, data in self.files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
                f.write(data)

    def __str__(self):
        return f"after call {self.after}, not flushed: {self.how}"


def changes(disk, calls):
    """Let the disk take the calls; the number of each that changed it."""
    for number, call in enumerate(calls):
        if disk.take(call):
            yield number


def cuts(disk, calls, most=None, mixed=6, seed=1):
    """Cuts after the calls that change something, or after an even choice of so
    many of them and the last. mixed: ways to mix what was not flushed. What was
    seen already is not shown again."""
    rand = random.Random(seed)
    count = sum(1 for _ in changes(copy.deepcopy(disk), calls))
    step = 1 if most is None else max(1, count / most)
    seen, due = set(), 0.0
    for number, after in enumerate(changes(disk, calls)):
        if number < due and number != count - 1:
            continue
        due += step
        for how in (LOST, KEPT, *[MIXED] * mixed):
            files = disk.cut(how, rand)
            mark = hash((len(disk.told), frozenset(files.items())))
            if mark not in seen:
                seen.add(mark)
                yield Cut(after, how, list(disk.told), files)

"""Memory that runs out and reads that end early, in a program of ours: flaky.c,
built and steered."""

import mmap
import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
FIELDS = ("asked", "left", "for_good", "parts", "cut", "signal")
SIZE = 8 * len(FIELDS)


class Flaky:
    """One library in one folder, for one program after the other."""

    def __init__(self, folder, program):
        folder = pathlib.Path(folder)
        library, control = folder / "flaky.so", folder / "flaky"
        subprocess.run(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                        "-O1", "-fno-builtin", "-shared", "-fPIC", "-o", library,
                        HERE / "flaky.c", "-ldl"], check=True)
        control.write_bytes(bytes(SIZE))
        with open(control, "r+b") as f:
            self.shared = mmap.mmap(f.fileno(), SIZE)
        self.env = {"LD_PRELOAD": str(library), "FLAKY_CONTROL": str(control),
                    "FLAKY_PROGRAM": program}
        self.calm()

    def calm(self):
        """Nothing fails from now on; counts start at nothing."""
        self.set(asked=0, left=-1, for_good=0, parts=0, cut=0, signal=0)

    def set(self, **values):
        for name, value in values.items():
            struct.pack_into("q", self.shared, 8 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("q", self.shared, 8 * FIELDS.index(name))[0]

    def refuse(self, number, for_good=False):
        """The number-th time that it asks for memory it gets none; 1 is the next."""
        self.calm()
        self.set(left=number - 1, for_good=int(for_good))

    def cut_short(self, broken_off=True):
        """Half of the reads and writes do a part; or nothing, by a signal."""
        self.calm()
        self.set(parts=1 + int(broken_off))

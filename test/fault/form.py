"""Two forms of the fault tests: the short one, in scripts/test, takes an even
choice of what can be tried; the long one, make fault, takes all of it."""

import os

LONG = os.environ.get("DUM_LONG") == "1"


def choose(count, most):
    """1..count; in short an even choice of so many of them, with both ends."""
    if LONG or count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / (most - 1)) for i in range(most)})

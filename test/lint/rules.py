"""Rules of the source that no compiler checks.

usage: rules.py               look at the tree
       rules.py --self-test   show that each rule can fail

Each rule is a function that takes files as {path: text} and yields
(path, line, what is wrong).
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Layers of lib/, lowest first: a file may include its own and lower ones.
LAYERS = ["base", "calc", "config", "crypto", "store", "exchange", "access",
          "backup", "ops"]

LINES_MAX = {".c": 450, ".h": 160, ".py": 900, ".js": 300}

# Calls without a bound, with state that all share, or through a shell.
BANNED = ["strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi",
          "atol", "atof", "system", "popen", "localtime", "gmtime", "ctime",
          "asctime", "rand", "srand", "alloca", "strncpy", "tmpnam", "mktemp"]

# A library tells by its status; programs print and exit.
LIB_BANNED = ["exit", "_exit", "abort", "printf", "puts", "putchar", "perror",
              "err", "errx", "warn", "warnx", "assert"]


def code_only(text, keep_strings=False):
    """The text with comments (and strings) blanked, line by line the same."""
    def blank(match):
        token = match.group(0)
        if token.startswith("/") or not keep_strings:
            return re.sub(r"[^\n]", " ", token)
        return token
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  blank, text, flags=re.S)


def is_c(path):
    return path.endswith((".c", ".h"))


def lines_matching(pattern, text):
    for match in re.finditer(pattern, text, re.M):
        yield text.count("\n", 0, match.start()) + 1, match


def includes(text):
    return lines_matching(r'^#include ["<]([^">]+)[">]', text)


def rule_layers(files):
    """Lower layers never include higher ones; lib/ knows nothing above it."""
    for path, text in files.items():
        if not path.startswith("lib/") or not is_c(path):
            continue
        layer = path.split("/")[1]
        if layer not in LAYERS:
            yield path, 1, f"lib/{layer} is no layer"
            continue
        for line, match in includes(text):
            other = match.group(1).split("/")[0]
            if other in LAYERS and LAYERS.index(other) > LAYERS.index(layer):
                yield path, line, f"{layer} is below {other} and must not include it"
            if match.group(1) in ("app.h", "tool.h", "admin.h", "cmocka.h"):
                yield path, line, "lib must not know its programs"


def rule_no_include_cycles(files):
    """Headers include each other in one direction."""
    graph = {path: [f"lib/{m.group(1)}" for _, m in includes(text)
                    if f"lib/{m.group(1)}" in files]
             for path, text in files.items() if path.endswith(".h")}

    def reaches(start, target, seen):
        for nxt in graph.get(start, []):
            if nxt == target or (nxt not in seen and
                                 reaches(nxt, target, seen | {nxt})):
                return True
        return False

    for path in graph:
        if reaches(path, path, set()):
            yield path, 1, "it includes itself, by way of others"


def rule_engine_header(files):
    """Which engine lies below is known to lib/store and lib/backup alone."""
    for path, text in files.items():
        if path.startswith(("lib/store/", "lib/backup/", "test/")) or not is_c(path):
            continue
        for line, match in includes(text):
            if match.group(1) in ("sqlite3.h", "store/handle.h", "store/query.h"):
                yield path, line, f"{match.group(1)} stays under lib/store and lib/backup"


def rule_fastcgi_header(files):
    """One place speaks FastCGI."""
    for path, text in files.items():
        if not is_c(path) or os.path.basename(path) in ("main.c", "fcgi_io.c", "fcgi_io.h"):
            continue
        for line, match in includes(text):
            if match.group(1) in ("fcgiapp.h", "fcgi_stdio.h"):
                yield path, line, "FastCGI is known to fcgi-app/main.c and fcgi_io.c alone"


def rule_banned_calls(files):
    for path, text in files.items():
        if not is_c(path):
            continue
        for line, match in lines_matching(
                r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(", code_only(text)):
            if path.startswith("test/") and match.group(1) in ("strcat", "atoi"):
                continue
            yield path, line, f"{match.group(1)}() is not used here"


def rule_lib_is_silent(files):
    for path, text in files.items():
        if not is_c(path) or not path.startswith("lib/"):
            continue
        for line, match in lines_matching(
                r"(?<![\w.>])(" + "|".join(LIB_BANNED) + r")\s*\(", code_only(text)):
            yield path, line, f"lib neither prints nor exits: {match.group(1)}()"


def rule_sizes(files):
    for path, text in files.items():
        limit = LINES_MAX.get(os.path.splitext(path)[1])
        lines = text.count("\n")
        if limit and lines > limit:
            yield path, 1, f"{lines} lines; more than {limit} means a second noun"


def rule_functions_fit_a_screen(files):
    """A function of more than sixty lines does more than one thing."""
    for path, text in files.items():
        if not path.endswith(".c") or path.startswith("test/"):
            continue
        start = None
        for number, line in enumerate(text.splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start > 60:
                    yield path, start, f"a function of {number - start} lines"
                start = None


def rule_sql_in_its_folder(files):
    """SQL text lives in sql/, but for pragmas and transactions of the store."""
    pattern = r'"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ALTER)\s[^"]*"'
    for path, text in files.items():
        if not is_c(path) or path.startswith("test/"):
            continue
        for line, match in lines_matching(pattern, code_only(text, keep_strings=True)):
            if "sqlite_schema" in match.group(0):
                continue
            yield path, line, "SQL belongs into sql/queries"


def rule_one_way_to_checkpoint(files):
    """Automatic checkpoints are off, and one file checkpoints by hand."""
    for path, text in files.items():
        if not is_c(path) or path.startswith("test/"):
            continue
        for line, match in lines_matching(r"wal_autocheckpoint\s*=?\s*(\w+)", text):
            if match.group(1) != "0":
                yield path, line, "wal_autocheckpoint is 0 everywhere"
        if path != "lib/store/checkpoint.c":
            for line, _ in lines_matching(r"wal_checkpoint", code_only(text, True)):
                yield path, line, "only lib/store/checkpoint.c checkpoints"


def rule_no_struct_typedefs(files):
    for path, text in files.items():
        if is_c(path):
            for line, _ in lines_matching(r"typedef\s+(struct|enum|union)\b[^;(]*[;{]", code_only(text)):
                yield path, line, "structs and enums keep their tags"


def rule_nothing_left_for_later(files):
    words = r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"
    for path, text in files.items():
        for line, match in lines_matching(words, text):
            yield path, line, f"{match.group(1)}: finish it or file it"


def rule_one_fetch(files):
    for path, text in files.items():
        if path.startswith("www/app/") and path != "www/app/api.js":
            for line, _ in lines_matching(r"\bfetch\(|XMLHttpRequest|\.innerHTML\b", text):
                yield path, line, "only www/app/api.js talks to the server; no innerHTML"


def rule_guards(files):
    for path, text in files.items():
        if path.endswith(".h") and not re.match(r"#ifndef DUM_\w+_H\n#define DUM_", text):
            yield path, 1, "a header starts with its guard DUM_..._H"


RULES = [value for name, value in sorted(globals().items()) if name.startswith("rule_")]

# Of each rule, a tree that breaks it.
BREAKS = {
    "rule_layers": {"lib/base/a.c": '#include "store/db.h"\n'},
    "rule_no_include_cycles": {"lib/base/a.h": '#include "base/b.h"\n',
                               "lib/base/b.h": '#include "base/a.h"\n'},
    "rule_engine_header": {"tools/a.c": "#include <sqlite3.h>\n"},
    "rule_fastcgi_header": {"fcgi-app/res/a.c": "#include <fcgiapp.h>\n"},
    "rule_banned_calls": {"tools/a.c": "int f(void)\n{\n\treturn atoi(x);\n}\n"},
    "rule_lib_is_silent": {"lib/base/a.c": "void f(void)\n{\n\texit(1);\n}\n"},
    "rule_sizes": {"lib/base/a.c": "\n" * 500},
    "rule_functions_fit_a_screen": {"lib/base/a.c": "void f(void)\n{\n" + "\tx();\n" * 70 + "}\n"},
    "rule_sql_in_its_folder": {"lib/store/a.c": 'f("SELECT a FROM b");\n'},
    "rule_one_way_to_checkpoint": {"lib/store/a.c": 'f("PRAGMA wal_autocheckpoint = 1000");\n'},
    "rule_no_struct_typedefs": {"lib/base/a.h": "typedef struct a a;\n"},
    "rule_nothing_left_for_later": {"lib/base/a.c": "/* TO" "DO */\n"},
    "rule_one_fetch": {"www/app/views/a.js": "fetch('/x')\n"},
    "rule_guards": {"lib/base/a.h": "int a;\n"},
}


def read_tree():
    files = {}
    for top in ("lib", "fcgi-app", "tools", "test", "www", "scripts", "sql", "nginx", "docs"):
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [f for f in folders if f not in ("node_modules", "data", "golden")]
            for name in names:
                if name.endswith((".c", ".h", ".py", ".js", ".mjs", ".sql", ".sh", ".md", ".css")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        files[os.path.relpath(path, ROOT)] = file.read()
    return files


def self_test():
    failed = 0
    for rule in RULES:
        found = list(rule(BREAKS[rule.__name__]))
        if not found:
            print(f"{rule.__name__} does not see what breaks it")
            failed = 1
    return failed


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    files = read_tree()
    failed = self_test()
    for rule in RULES:
        for path, line, what in rule(files):
            print(f"{path}:{line}: {what}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

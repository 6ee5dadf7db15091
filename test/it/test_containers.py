"""Dockerfile and compose.yaml, as far as they can be seen without an engine:
that they name what is there and give away no more than needed. What they make
is run by `make test-container`.
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import yaml

from service import BIN, TOP, clean_environment, free_port

DOCKERFILE = TOP / "Dockerfile"
SCRIPT = TOP / "scripts/container"


def instructions():
    """(word, rest) of each of the Dockerfile, with its lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE.read_text())
    joined = re.sub(r"\\\n\s*", "", text)
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def last_stage():
    found = instructions()
    first = max(i for i, (word, _) in enumerate(found) if word == "FROM")
    return found[first:]


class Dockerfile(unittest.TestCase):
    def test_every_path_that_is_copied_is_there(self):
        copied = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
        self.assertGreater(len(copied), 2)
        for words in copied:
            if not words[0].startswith("--from="):
                for path in words[:-1]:
                    self.assertTrue((TOP / path).exists(), path)

    def test_every_file_of_the_source_that_a_step_names_is_there(self):
        steps = " ".join(rest for word, rest in instructions() if word == "RUN")
        named = re.findall(r"(?<![\w/-])(?:scripts|nginx)/[\w.-]+", steps)
        self.assertGreaterEqual(len(named), 3)
        for path in named:
            self.assertTrue((TOP / path).is_file(), path)

    def test_the_context_leaves_out_nothing_that_git_has(self):
        ignored = [line.strip("/") for line in
                   (TOP / ".dockerignore").read_text().splitlines()
                   if line and not line.startswith("#")]
        tracked = subprocess.run(["git", "-C", TOP, "ls-files"], capture_output=True,
                                 text=True, check=True).stdout.split("\n")
        for path in filter(None, tracked):
            parts = pathlib.PurePath(path).parts
            self.assertNotIn(parts[0], ignored, path)
            self.assertFalse({"**/" + part for part in parts} & set(ignored), path)

    def test_the_image_starts_without_root_and_says_how_it_is(self):
        words = dict(last_stage())
        self.assertEqual(words["USER"], "datamonitor")
        self.assertEqual(words["ENTRYPOINT"], '["dum-container"]')
        self.assertIn('CMD ["dum-container", "healthy", "serve"]', words["HEALTHCHECK"])
        self.assertIn("/var/lib/data-usage-monitor", words["VOLUME"])

    def test_the_last_stage_has_the_libraries_and_programs_and_no_compiler(self):
        steps = " ".join(rest for word, rest in last_stage() if word == "RUN")
        packages = set(steps.split())
        linked = set()
        for program in BIN.iterdir():
            needed = subprocess.run(["ldd", program], capture_output=True, text=True,
                                    check=True).stdout
            linked |= set(re.findall(r"^\s*(lib[\w-]+)\.so\.(\d+)", needed, re.M))
        known = {"csv": "libcsv3", "fcgi": "libfcgi0ldbl", "gcrypt": "libgcrypt20",
                 "jansson": "libjansson4", "sqlite3": "libsqlite3-0", "z": "zlib1g"}
        base = {"c", "m", "gpg-error"}
        for library, _ in linked:
            short = library.removeprefix("lib")
            if short not in base:
                self.assertIn(known[short], packages)
        self.assertLessEqual({"spawn-fcgi", "multiwatch", "nginx-light", "openssl",
                              "libfcgi-bin", "curl", "procps"}, packages)
        for package in packages:
            self.assertNotRegex(package, r"^(gcc|make|nodejs|npm|.*-dev)$")


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = yaml.safe_load((TOP / "compose.yaml").read_text())
        cls.services = cls.file["services"]

    def test_there_are_workers_jobs_and_nginx(self):
        self.assertEqual({name: of["command"] for name, of in self.services.items()},
                         {"service": ["serve"], "jobs": ["jobs"], "web": ["web"]})
        self.assertEqual({of["image"] for of in self.services.values()},
                         {"data-usage-monitor"})

    def test_each_has_a_root_that_is_read_only_and_no_rights(self):
        for name, of in self.services.items():
            with self.subTest(name=name):
                self.assertIs(of["read_only"], True)
                self.assertEqual(of["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", of["security_opt"])
                self.assertNotIn("privileged", of)
                self.assertNotIn("cap_add", of)
                self.assertNotRegex(of.get("user", "datamonitor"), r"^(0|root)\b")
                self.assertIn("pids_limit", of)
                self.assertIn("mem_limit", of)

    def test_only_nginx_has_a_network_and_only_its_ports_are_open(self):
        for name in ("service", "jobs"):
            self.assertEqual(self.services[name]["network_mode"], "none")
            self.assertNotIn("ports", self.services[name])
        listening = set(re.findall(r"(?m)^\s+listen (\d+)",
                                   (TOP / "nginx/container.conf.in").read_text()))
        self.assertEqual({port.split(":")[1] for port in self.services["web"]["ports"]},
                         listening)

    def test_nginx_does_not_see_the_data(self):
        folders = {name: {volume.split(":")[0] for volume in of["volumes"]}
                   for name, of in self.services.items()}
        self.assertEqual(folders, {"service": {"state", "socket"}, "jobs": {"state"},
                                   "web": {"socket", "tls", "spool"}})
        self.assertEqual(set(self.file["volumes"]), set().union(*folders.values()))

    def test_volumes_are_folders_that_the_image_has(self):
        steps = " ".join(rest for word, rest in last_stage() if word == "RUN")
        for of in self.services.values():
            for volume in of["volumes"]:
                self.assertIn(volume.split(":")[1], steps)

    def test_health_is_asked_of_the_role_that_runs(self):
        for name, of in self.services.items():
            self.assertEqual(of["healthcheck"]["test"],
                             ["CMD", "dum-container", "healthy", of["command"][0]], name)

    def test_what_is_set_is_a_setting(self):
        known = set(re.findall(r'\{"([A-Z_]+)"', (TOP / "lib/config/config.c").read_text()))
        known |= set(re.findall(r"\$\{(DUM_[A-Z_]+)", SCRIPT.read_text()))
        for of in self.services.values():
            self.assertLessEqual(set(of["environment"]), known)


class Script(unittest.TestCase):
    def run_it(self, *words, **settings):
        return subprocess.run([SCRIPT, *words], capture_output=True, text=True, check=False,
                              env=clean_environment(**settings))

    def test_help_names_every_role(self):
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for role in ("serve", "jobs", "web", "healthy"):
            self.assertRegex(done.stdout, rf"(?m)^ +{role} ")

    def test_other_words_are_wrong_usage(self):
        for words in ((), ("sell",), ("serve", "more"), ("healthy",), ("healthy", "x")):
            done = self.run_it(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("--help", done.stderr)

    def test_settings_that_would_end_up_elsewhere_are_refused(self):
        for role, settings in (("serve", {"DUM_WORKERS": "2; id"}),
                               ("serve", {"DUM_WORKERS": "0"}),
                               ("serve", {"DUM_SERVER_NAME": "a b"}),
                               ("web", {"DUM_SERVER_NAME": "x; include /etc/passwd"})):
            done = self.run_it(role, **settings)
            self.assertEqual(done.returncode, 1, settings)
            self.assertIn(next(iter(settings)), done.stderr)

    def test_none_is_healthy_that_does_not_run(self):
        for role in ("serve", "web"):
            self.assertNotEqual(self.run_it("healthy", role,
                                            DUM_SERVER_NAME="nobody.test").returncode, 0)


class Nginx(unittest.TestCase):
    """The configuration that the script would write, held before nginx."""

    def test_nginx_takes_what_is_rendered(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "dum").mkdir()
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                            "/CN=usage.test", "-keyout", folder / "key.pem", "-out",
                            folder / "cert.pem"], capture_output=True, check=True)
            values = {"SOCKET": f"{folder}/api.sock", "WWW": f"{folder}/www",
                      "SERVER_NAME": "usage.test", "TLS": str(folder), "SPOOL": str(folder),
                      "RATE_LIMIT": "20", "BURST": "40", "LIMITS": "on",
                      "REAL_IP": "set_real_ip_from 192.0.2.0/24;",
                      "HSTS": "max-age=63072000"}
            names = set(re.findall(r"text//@([A-Z_]+)@/", SCRIPT.read_text()))
            self.assertEqual(names, set(values))
            sources = [TOP / "nginx/container.conf.in", *TOP.glob("nginx/dum-*")]
            for source in sources:
                text = source.read_text()
                text = re.sub(r"@([A-Z_]+)@", lambda m: values.get(m[1], m[0]),
                              re.sub(r"(?m)^#.*\n", "", text))
                self.assertNotRegex(text, r"@[A-Z_]+@")
                text = text.replace("/tmp/nginx/", f"{folder}/")
                for port in ("8080", "8443"):
                    text = text.replace(f"listen {port}", f"listen {free_port()}")
                    text = text.replace(f"listen [::]:{port}", f"listen [::]:{free_port()}")
                name = "nginx.conf" if source.name == "container.conf.in" else (
                    "dum/" + source.name.removesuffix(".in"))
                (folder / name).write_text(text)
            done = subprocess.run(["nginx", "-t", "-q", "-e", "stderr", "-c",
                                   folder / "nginx.conf"], capture_output=True, text=True,
                                  check=False, env={**os.environ,
                                                    "PATH": os.environ["PATH"] + ":/usr/sbin"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=1)

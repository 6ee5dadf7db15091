"""The site as the package installs it: the same files, rendered into the
configuration of a system's nginx, beside another site."""

import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from grade import grade
from stack import PAGE_CSP, TOP, Answer, free_port, unverified, wait_for

NAME = "usage.example.org"
HSTS = "max-age=63072000; includeSubDomains"

scratch = None
nginx = None
plain_port = tls_port = 0


def setUpModule():
    global scratch, nginx, plain_port, tls_port
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="dum-site."))
    plain_port, tls_port = free_port(), free_port()
    (scratch / "www").mkdir()
    (scratch / "www" / "index.html").write_text("<!DOCTYPE html>the page")
    (scratch / "dum").mkdir()
    (scratch / "tmp").mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         f"/CN={NAME}", "-keyout", scratch / "key.pem",
         "-out", scratch / "cert.pem"], check=True, capture_output=True)
    for template in (TOP / "nginx").glob("dum-*"):
        name = template.name.removesuffix(".in")
        (scratch / "dum" / name).write_text(render(template))
    (scratch / "site.conf").write_text(site())
    (scratch / "nginx.conf").write_text(whole())
    nginx = subprocess.Popen(
        ["/usr/sbin/nginx", "-e", scratch / "error.log",
         "-c", scratch / "nginx.conf"], stdin=subprocess.DEVNULL)
    if not wait_for(answers, 20):
        raise AssertionError((scratch / "error.log").read_text())


def tearDownModule():
    if nginx is not None:
        nginx.send_signal(signal.SIGQUIT)
        nginx.wait(20)
    shutil.rmtree(scratch)


def render(template):
    text = template.read_text()
    for name, value in {
            "SOCKET": scratch / "no.sock", "RATE_LIMIT": 20, "BURST": 40,
            "LIMITS": "on", "HSTS": HSTS, "SERVER_NAME": NAME,
            "REAL_IP": "set_real_ip_from 192.0.2.1;",
            "WWW": scratch / "www", "CERTIFICATE": scratch / "cert.pem",
            "CERTIFICATE_KEY": scratch / "key.pem"}.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def site():
    """As it is, but for ports and a log that a test may have."""
    text = render(TOP / "nginx" / "site.conf.in")
    text = re.sub(r"listen \[::\].*;", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain_port};")
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{tls_port} ")
    return text.replace("/var/log/nginx", str(scratch))


def whole():
    """What Debian's nginx.conf amounts to, in a folder of our own."""
    user = "user root;" if os.getuid() == 0 else ""
    temp = "".join(f"{kind}_temp_path {scratch}/tmp/{kind};\n" for kind in (
        "client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
    return f"""{user}
daemon off;
pid {scratch}/nginx.pid;
error_log {scratch}/error.log;
events {{ }}
http {{
    {temp}
    access_log off;
    include site.conf;
    server {{
        listen 127.0.0.1:{plain_port};
        server_name other.example.org;
        return 200 "another site";
    }}
}}
"""


def answers():
    try:
        return ask("/").status == 200
    except OSError:
        return False


def ask(path, host=NAME, tls=True):
    connection = (
        http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=10,
                                    context=unverified())
        if tls else
        http.client.HTTPConnection("127.0.0.1", plain_port, timeout=10))
    try:
        connection.request("GET", path, headers={"Host": host})
        return Answer(connection.getresponse())
    finally:
        connection.close()


class SiteTest(unittest.TestCase):
    def test_every_place_of_a_template_is_filled(self):
        for path in (*(scratch / "dum").iterdir(), scratch / "site.conf"):
            for line in path.read_text().splitlines():
                if not line.lstrip().startswith("#"):
                    self.assertNotRegex(line, "@[A-Z_]+@", path.name)

    def test_the_page_has_hsts_and_what_a_scanner_asks_for(self):
        answer = ask("/")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Strict-Transport-Security"], HSTS)
        self.assertEqual(answer.headers["Content-Security-Policy"], PAGE_CSP)
        self.assertGreaterEqual(grade(answer.headers), 150)

    def test_another_name_is_misdirected(self):
        for host in ("elsewhere.example", "127.0.0.1", f"{NAME}.example"):
            answer = ask("/api/data/locations", host)
            self.assertEqual(answer.status, 421)
            self.assertEqual(answer.json()["status"], 421)
            self.assertEqual(
                answer.headers["Strict-Transport-Security"], HSTS)

    def test_plain_http_goes_to_the_configured_name(self):
        answer = ask("/api/x?y=1", tls=False)
        self.assertEqual((answer.status, answer.headers["Location"]),
                         (308, f"https://{NAME}/api/x?y=1"))

    def test_other_sites_stay_as_they_are(self):
        answer = ask("/", "other.example.org", tls=False)
        self.assertEqual(answer.body, b"another site")
        self.assertIsNone(answer.headers["Content-Security-Policy"])

    def test_without_a_pool_it_says_so(self):
        self.assertEqual(ask("/health").json()["status"], 502)


if __name__ == "__main__":
    unittest.main()

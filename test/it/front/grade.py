"""What the headers of an answer are worth, by the table of Mozilla's HTTP
Observatory (its modifiers as of August 2026): 100 to start with, less for what
is missing, more for what is better than usual; what is more counts only from a
base of 90. A+ begins at 100. Computed, not scanned: that needs a public name."""

import re

HALF_A_YEAR_S = 15768000


def directives(csp):
    found = {}
    for part in csp.split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), words[1:])
    return found


def content_security_policy(headers):
    csp = headers.get("Content-Security-Policy")
    if csp is None:
        return -25
    if "unsafe-" in csp or "*" in csp:
        return -20
    found = directives(csp)
    # form-action does not fall back to default-src.
    strict = (found.get("default-src") == ["'none'"]
              and found.get("form-action") in (["'none'"], ["'self'"]))
    return 10 if strict else 5


def cookies(headers):
    worth = 0
    for cookie in headers.get_all("Set-Cookie") or []:
        words = [w.strip().lower() for w in cookie.split(";")[1:]]
        if "secure" not in words:
            return -40
        if "httponly" not in words:
            return -30
        if not any(w in ("samesite=strict", "samesite=lax") for w in words):
            return -20
        worth = 5
    return worth


def cross_origin_sharing(headers):
    if headers.get("Access-Control-Allow-Origin") != "*":
        return 0
    credentials = headers.get("Access-Control-Allow-Credentials")
    return -50 if credentials == "true" else 0


def referrer_policy(headers):
    value = headers.get("Referrer-Policy")
    if value is None:
        return 0
    private = ("no-referrer", "same-origin", "strict-origin",
               "strict-origin-when-cross-origin")
    return 5 if value in private else -5


def strict_transport_security(headers):
    # +5 is for names on the browsers' own list, which this one is not.
    match = re.match(r"max-age=(\d+)(;|$)",
                     headers.get("Strict-Transport-Security") or "")
    if match is None:
        return -20
    return 0 if int(match.group(1)) >= HALF_A_YEAR_S else -10


def content_type_options(headers):
    return 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5


def frame_options(headers):
    csp = directives(headers.get("Content-Security-Policy") or "")
    if csp.get("frame-ancestors") in (["'none'"], ["'self'"]):
        return 5
    return 5 if headers.get("X-Frame-Options") == "DENY" else -20


def isolation(name, best):
    def worth(headers):
        value = headers.get(name)
        if value is None:
            return 0
        return 10 if value == best else -5
    return worth


TESTS = (
    content_security_policy, cookies, cross_origin_sharing, referrer_policy,
    strict_transport_security, content_type_options, frame_options,
    isolation("Cross-Origin-Resource-Policy", "same-origin"),
    isolation("Cross-Origin-Embedder-Policy", "require-corp"),
    isolation("Cross-Origin-Opener-Policy", "same-origin"),
)


def grade(headers):
    """headers: an email.message.Message, as http.client gives them."""
    worth = [test(headers) for test in TESTS]
    base = 100 + sum(w for w in worth if w < 0)
    return base + sum(w for w in worth if w > 0) if base >= 90 else base

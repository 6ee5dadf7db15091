"""docs/openapi.json, to hold answers against.

    document = Document()
    document.check("GET", "/api/data/cycles?limit=3", answer)

raises AssertionError where the document does not say what the answer is: its
status, its headers, its media type and each member of its body. What is not in
it by its path and method is not looked at: that such an address gives 404 or
405 is for other tests.
"""

import json
import pathlib
import re

import jsonschema

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.json"

# What nginx says of HTTP itself, before it looks at the address.
OF_HTTP = {408, 411, 414, 421, 431, 494}

# Of a long list so many: the rest comes out of the same loop.
LIST_MAX = 200


class Operation:
    def __init__(self, document, method, path, text):
        self.document = document
        self.method = method
        self.path = path
        self.text = text
        self.name = f"{method} {path}"
        self.pattern = re.compile(
            re.escape(path).replace(r"\{id\}", "[1-9][0-9]{0,17}")
            .replace(r"\{file\}", r"[\w.-]+") + r"\Z")

    @property
    def scopes(self):
        """Scopes of keys that may; empty: no key may."""
        return [s for way in self.text["security"] for s in way.get("key", ())]

    @property
    def is_public(self):
        return self.text["security"] in ([], [{}]) or {} in self.text["security"]

    @property
    def body(self):
        """An example of a body; None where it takes none."""
        body = self.text.get("requestBody")
        if body is None:
            return None
        media, = body["content"].values()
        if "example" in media:
            return media["example"]
        return next(iter(media["examples"].values()))["value"]

    @property
    def media_type(self):
        """Of its body."""
        return next(iter(self.text["requestBody"]["content"]))

    def responses(self):
        for status, response in self.text["responses"].items():
            yield int(status), self.document.resolve(response)

    def response(self, status):
        return self.document.resolve(self.text["responses"][str(status)])


class Document:
    def __init__(self, path=PATH):
        self.text = json.loads(path.read_text())
        self.operations = [
            Operation(self, method.upper(), path, text)
            for path, methods in self.text["paths"].items()
            for method, text in methods.items()]
        self.seen = set()       # (name of operation, status)
        self.validators = {}

    def resolve(self, value):
        """What a $ref stands for."""
        while "$ref" in value:
            at = self.text
            for name in value["$ref"].removeprefix("#/").split("/"):
                at = at[name]
            value = at
        return value

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                {**schema, "components": self.text["components"]},
                format_checker=jsonschema.FormatChecker(["date"]))
        return self.validators[key]

    def validate(self, what, schema, value):
        for error in self.validator(schema).iter_errors(value):
            where = "/".join(map(str, error.absolute_path))
            raise AssertionError(f"{what}: /{where}: {error.message[:400]}")

    def find(self, method, target):
        path = target.split("?")[0]
        method = "GET" if method == "HEAD" else method
        return next((o for o in self.operations if o.method == method and
                     o.pattern.match(path)), None)

    def check(self, method, target, answer):
        operation = self.find(method, target)
        if operation is None or answer.status in OF_HTTP:
            return
        what = f"{method} {target[:200]}: {answer!r}"
        if str(answer.status) not in operation.text["responses"]:
            raise AssertionError(f"{what}: the document has no such status")
        response = operation.response(answer.status)
        for name, header in response.get("headers", {}).items():
            header = self.resolve(header)
            value = answer.headers.get(name)
            if value is None and header.get("required"):
                raise AssertionError(f"{what}: header {name} is missing")
            if value is not None and header["schema"]["type"] == "integer":
                value = int(value)
            if value is not None:
                self.validate(f"{what}: {name}", header["schema"], value)
        if method != "HEAD":
            self.check_body(what, response.get("content"), answer)
        self.seen.add((operation.name, answer.status))

    def check_body(self, what, content, answer):
        if content is None:
            if answer.body:
                raise AssertionError(f"{what}: the document has no body here")
            return
        media = answer.headers.get("Content-Type", "").split(";")[0]
        if media not in content:
            raise AssertionError(f"{what}: {media!r} is none of {list(content)}")
        if media == "application/json" or media.endswith("+json"):
            value = json.loads(answer.body)
            if isinstance(value, list):
                value = value[:LIST_MAX]
            self.validate(what, content[media]["schema"], value)

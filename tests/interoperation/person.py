"""A person with a browser without scripts: follows redirects and links and submits forms, whoever answers.

The portal, where there is one, answers from inside the process (each page of it is linted on the way), all else over
HTTP.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import html5lib
import requests
from werkzeug.datastructures import Headers

from tests.support.client import LintingClient

MOST_REDIRECTS = 12
TIME_LIMIT = 10.0  # seconds
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Shown:
    """What the browser shows: where it is, and the page."""

    url: str
    status: int
    text: str

    @property
    def document(self) -> Element:
        """The page, parsed."""
        found: Element = html5lib.parse(self.text, namespaceHTMLElements=False)
        return found

    @property
    def heading(self) -> str:
        """What the page is about."""
        found = self.document.find(".//h1")
        assert found is not None, f"no heading at {self.url}: {self.text}"
        return "".join(found.itertext()).strip()

    @property
    def form(self) -> Element:
        """The first form in the page's own part (the sign-out form stands in the header)."""
        main = self.document.find(".//main")
        found = (self.document if main is None else main).find(".//form")
        assert found is not None, f"no form at {self.url}: {self.text}"
        return found

    def link(self, words: str) -> str:
        """Where the link with these words goes."""
        found = [one for one in self.document.iter("a") if words in "".join(one.itertext())]
        assert found, f"no link {words!r} at {self.url}: {self.text}"
        return urljoin(self.url, found[0].get("href") or "")

    def json(self) -> dict[str, Any]:
        """The answer of a program."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class Person:
    """One person with one browser."""

    client: LintingClient | None = None
    portal: str = ""
    elsewhere: requests.Session = field(default_factory=requests.Session)
    visited: list[str] = field(default_factory=list)

    def visit(self, url: str) -> Shown:
        """Go to an address, and on to wherever it redirects."""
        return self._request("GET", url, {})

    def submit(self, shown: Shown, form: Element | None = None, **fields: str) -> Shown:
        """Send a form as it stands, with `fields` filled in."""
        form = shown.form if form is None else form
        values = {
            name: item.get("value", "")
            for item in form.iter("input")
            if (name := item.get("name")) and item.get("type") not in ("radio", "checkbox", "submit")
        }
        return self._request("POST", urljoin(shown.url, form.get("action") or shown.url), values | fields)

    def choose(self, path: str) -> Shown:
        """Choose, on the portal's sign-in page, the way whose form goes to `path`."""
        return self._press(self.visit(f"{self.portal}/sign-in"), path)

    def sign_out(self, shown: Shown) -> Shown:
        """Press the portal's sign-out button."""
        return self._press(shown, "/sign-out")

    def _press(self, shown: Shown, path: str) -> Shown:
        forms = [form for form in shown.document.iter("form") if form.get("action") == path]
        assert forms, f"{shown.url} has no form to {path}"
        return self.submit(shown, forms[-1])

    def _request(self, method: str, url: str, fields: dict[str, str]) -> Shown:
        for _ in range(MOST_REDIRECTS):
            self.visited.append(url)
            status, headers, text = self._send(method, url, fields)
            if status not in REDIRECTS:
                return Shown(url, status, text)
            method, url, fields = "GET", urljoin(url, headers["Location"]), {}
        msg = f"too many redirects: {self.visited}"
        raise AssertionError(msg)

    def _send(self, method: str, url: str, fields: dict[str, str]) -> tuple[int, Headers, str]:
        if self.client is not None and url.startswith(f"{self.portal}/"):
            here = self.client.open(url.removeprefix(self.portal), method=method, data=fields or None)
            return here.status_code, here.headers, here.text
        there = self.elsewhere.request(method, url, data=fields, timeout=TIME_LIMIT, allow_redirects=False)
        return there.status_code, Headers(list(there.headers.items())), there.text

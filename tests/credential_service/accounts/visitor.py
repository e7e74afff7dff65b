"""A person with a browser, as these tests see one: reads a page, fills in its form, presses a button."""

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.client import LintingClient

HTML = "{http://www.w3.org/1999/xhtml}"


@dataclass
class Visitor:
    """One browser. `response` is the last answer, redirects within the service followed."""

    app: Flask
    address: str = "192.0.2.1"
    client: LintingClient = field(init=False)
    response: TestResponse = field(init=False)
    last_post: tuple[str, dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.app.test_client_class = LintingClient
        self.client = self.app.test_client()  # type: ignore[assignment]

    def open(self, path: str) -> TestResponse:
        """Follow a link."""
        self.response = self._settle(self.client.get(path, environ_base=self._environment()))
        return self.response

    def press(self, action: str | None = None, **fields: str) -> TestResponse:
        """Fill in `fields` and press the primary button, or a button of the form that posts to `action`."""
        url, values = self._form(action)
        unknown = set(fields) - values.keys() - {"channel", "decision"}
        assert not unknown, f"the form has no {unknown}"
        return self.post(url, {**values, **fields})

    def post(self, url: str, data: dict[str, str]) -> TestResponse:
        """Send a form as it stands."""
        self.last_post = (url, data)
        self.response = self._settle(self.client.post(url, data=data, environ_base=self._environment()))
        return self.response

    def post_again(self) -> TestResponse:
        """Send the last form once more, as a reload does."""
        return self.post(*self.last_post)

    def _settle(self, response: TestResponse) -> TestResponse:
        while response.status_code == 303 and response.headers["Location"].startswith("/"):
            response = self.client.get(response.headers["Location"], environ_base=self._environment())
        return response

    def _environment(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}

    def _form(self, action: str | None) -> tuple[str, dict[str, str]]:
        for form in self.elements("form"):
            primary = any("primary" in (button.get("class") or "") for button in form.iter(f"{HTML}button"))
            if form.get("action") == action or (action is None and primary):
                return str(form.get("action")), _values(form)
        raise AssertionError(f"no form to press in {self.response.text}")

    def elements(self, tag: str) -> list[Element]:
        """The elements of the page with this name."""
        return list(html5lib.parse(self.response.text).iter(f"{HTML}{tag}"))

    @property
    def heading(self) -> str:
        """What the page is about."""
        return "".join(self.elements("h1")[0].itertext()).strip()

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        summaries = [one for one in self.elements("div") if one.get("id") == "error-summary"]
        return ["".join(line.itertext()).strip() for one in summaries for line in one.iter(f"{HTML}li")]

    def cookie(self) -> str:
        """The browser's identifier."""
        found = self.client.get_cookie("credential_session")
        assert found is not None
        return found.value

    def take_cookie(self, value: str) -> None:
        """Go back to an earlier identifier, as a browser does that never got the answer."""
        self.client.set_cookie("credential_session", value)

    def data(self, name: str) -> str:
        """A `data-` attribute of the page."""
        found = [value for one in html5lib.parse(self.response.text).iter() if (value := one.get(f"data-{name}"))]
        return found[0]


def _values(form: Element) -> dict[str, Any]:
    values = {}
    for box in form.iter(f"{HTML}input"):
        if box.get("type") == "radio" and "checked" not in box.attrib:
            continue
        values[box.get("name") or ""] = box.get("value") or ""
    return values

"""The test client that reads every page as strictly as a browser could, and fills in what a form brings with it."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.html import lint

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class LintingClient(FlaskClient):
    """Every HTML answer is parsed and linted; what is wrong fails the test with what to write instead."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data:
            headers = kwargs.get("headers") or {}
            restored = "HX-History-Restore-Request" in headers
            fragment = "HX-Request" in headers and not restored and not response.headers.get("HX-Retarget")
            problems = lint(response.text, fragment=fragment)
            assert not problems, "\n".join(problems)
        return response

    def submit(self, url: str, page: str | None = None, **fields: Any) -> TestResponse:
        """Post a form as the page at `page` (or `url`) brings it: with its token and its idempotency key."""
        headers = fields.pop("headers", None)
        return self.post(url, data={**self.hidden(page or url), **fields}, headers=headers)

    def hidden(self, page: str) -> dict[str, str]:
        """What the first form on a page brings by itself: its token, its idempotency key, and what else is hidden."""
        text = self.get(page).text.partition("<form")[2].partition("</form>")[0]
        found = dict(_HIDDEN.findall(text))
        assert {"csrf_token", "request_key"} <= found.keys(), f"{page} has no form of ours"
        return found

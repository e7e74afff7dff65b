"""A bare app with the whole kit on it, so that what the kit promises is shown without either service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify
from jinja2 import ChoiceLoader, DictLoader

from app.domain.errors import NO_CONFIRMED_EMAIL, Refusal, Refused
from app.settings import Settings
from app.web import browser, kit
from app.web.guard import PUBLIC, Guard, guarded, require_all
from app.web.htmx import page
from app.web.redirects import see_other
from tests.support.client import LintingClient

FORM = (
    '{% extends "layouts/page.html" %}{% from "components/form.html" import form %}'
    "{% block title %}A form{% endblock %}{% block main %}<h1>{{ self.title() }}</h1>"
    '{% call form("/form") %}<button type="submit">Send</button>{% endcall %}{% endblock %}'
)
WORDS = '{% extends "layouts/page.html" %}{% block title %}Words{% endblock %}'
OPEN_TO_PROGRAMS = Guard("public", csrf=False, reason="a program posts here, without a page")
SECRET = "somebody@example.org"


def bare_app(
    public_url: str = "http://localhost:8000",
    told: Callable[[Refusal], None] | None = None,
    templates: tuple[Path, ...] = (),
) -> Flask:
    """Pages: /form, /words, /go, /renew, /program, /refused, /broken, /json, /abort/<code>."""
    settings = Settings.read(env="test", public_url=public_url)
    app = kit.new_app(
        "bare",
        settings,
        face=kit.Face("Bare", "portal", "/words", "Ask."),
        cookie="bare_session",
        templates=templates,
        on_refusal=told,
    )
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader({"form.html": FORM, "words.html": WORDS}), app.jinja_loader])
    app.test_client_class = LintingClient
    for path, view in _views().items():
        methods = ["GET", "POST"] if path in ("/form", "/program") else ["GET"]
        guard = OPEN_TO_PROGRAMS if path == "/program" else PUBLIC
        app.add_url_rule(path, path, guarded(guard)(view), methods=methods)
    require_all(app)
    return app


def _views() -> dict[str, Callable[..., Any]]:
    def renew() -> Response:
        browser.browser().renew()
        return page("words.html")

    def refused() -> Response:
        raise Refused(NO_CONFIRMED_EMAIL, retry_after=7)

    def broken() -> Response:
        raise RuntimeError(SECRET)

    return {
        "/form": lambda: page("form.html"),
        "/words": lambda: page("words.html"),
        "/go": lambda: see_other("/wörds"),
        "/renew": renew,
        "/program": lambda: jsonify(ok=True),
        "/refused": refused,
        "/broken": broken,
        "/json": lambda: jsonify(ok=True),
        "/abort/<int:code>": abort,
    }

"""Puts the kit on a Flask app: one call a concern, in the order in which they act on a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.sessions import NullSession, SessionInterface
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from app.settings import ServiceSettings
from app.web import assets, browser, compression, csrf, errors, filters, guard, htmx, security

SHARED = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Face:
    """What the layout says about the service a page belongs to."""

    name: str
    kind: str
    home: str
    support: Mapping[str, str]


class NoClientSession(SessionInterface):
    """Flask's own session, which keeps everything in a signed cookie, is not used: reading is empty, writing fails."""

    def open_session(self, app: Flask, request: object) -> NullSession:
        """An empty session that refuses to be written."""
        return NullSession()

    def save_session(self, app: Flask, session: object, response: object) -> None:
        """Nothing to save."""


def new_app(
    import_name: str,
    settings: ServiceSettings,
    *,
    face: Face,
    cookie: str,
    templates: tuple[Path, ...] = (),
    on_refusal: errors.Listener | None = None,
) -> Flask:
    """A Flask app with the kit on it and no pages yet. Finish with `guard.require_all`."""
    app = Flask(import_name, static_folder=None, template_folder=None)
    app.session_interface = NoClientSession()
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["QAAMS_ENV"] = settings.env
    app.config["TESTING"] = settings.env == "test"
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.jinja_loader = ChoiceLoader([FileSystemLoader([*templates, SHARED / "templates"])])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["service"] = face
    compression.install(app)
    security.install(app, hosts=settings.hosts, trusted_proxies=settings.trusted_proxies, secure=settings.secure)
    browser.install(app, cookie, secure=settings.secure)
    csrf.install(app, settings.secret_key)
    errors.install(app, on_refusal)
    guard.install(app)
    htmx.install(app)
    filters.install(app)
    assets.install(app, [SHARED / "static"], guard.guarded(guard.PUBLIC))
    _install_words(app)
    return app


def _install_words(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(SHARED / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app)

"""A bare Flask app with the look on it and nothing of either service, for tests of layouts, components and scripts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_babel import Babel
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Optional

from app.web import assets, compression, filters

APP = Path(assets.__file__).resolve().parent.parent
COMPONENTS = sorted(path.stem for path in (APP / "templates/components").glob("*.html"))
MOMENT = datetime(2027, 3, 31, 14, 5, tzinfo=UTC)
REFUSING = "fields"  # the one page whose form is checked
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class Face:
    """What the layout asks of a service."""

    name: str = "QAAMS"
    kind: str = "portal"
    home: str = "/"
    support: str | Mapping[str, str] = "Write to help@example.org."


WAYS = [SelectChoice("sms", "Text message"), SelectChoice("app", "App")]


class DateForm(Form):
    """A date in three parts."""

    day = StringField("Day", [DataRequired("Enter the day")])
    month = StringField("Month", [DataRequired("Enter the month")])
    year = StringField("Year", [DataRequired("Enter the year")])


class SampleForm(Form):
    """One field of each kind; sent empty, all but the optional ones are refused."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address")], description="We send a code.")
    password = PasswordField("Password", [DataRequired("Enter your password")])
    code = StringField("Code", [DataRequired("Enter the 6-digit code from the text message")])
    country = StringField("Country", [Optional()])
    land = SelectField(
        "Land", choices=[SelectChoice("CH", "Switzerland"), SelectChoice("SG", "Singapore")], validators=[Optional()]
    )
    phone = TelField("Telephone number", [DataRequired("Enter a telephone number")])
    method = RadioField("How?", choices=WAYS, validators=[DataRequired("Choose")])
    agree = BooleanField("I agree", [DataRequired("Tick the box if you agree")])
    signed = FormField(DateForm, "When was it signed?")
    why = TextAreaField("Why?", [Optional()])
    letter = FileField("Letter", [Optional()])
    phase = StringField("Phase", [AnyOf(["a"], "Enter a")])


def kit_app(pages: Mapping[str, str], face: Face | None = None) -> Flask:
    """An app whose pages are the given templates, each at /<name>; `fields` refuses a form that is not in order."""
    app = Flask("look", static_folder=None, template_folder=None)
    app.jinja_loader = ChoiceLoader(
        [DictLoader({f"{name}.html": source for name, source in pages.items()}), FileSystemLoader(APP / "templates")]
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compression.install(app)
    Babel(app)
    filters.install(app)
    assets.install(app, [APP / "static"], lambda view: view)
    app.jinja_env.globals.update(service=face or Face(), csrf_token=lambda: "token", request_key=lambda: "key")

    def show(name: str) -> tuple[str, int]:
        form = SampleForm(request.form if request.method == "POST" else None)
        refused = request.method == "POST" and name == REFUSING and not form.validate()
        context: dict[str, Any] = {"f": form, "errors": refused, "at": MOMENT}
        context["fragment"] = request.headers.get("HX-Request") == "true"
        posted = json.dumps(request.form.to_dict())
        return app.jinja_env.get_template(f"{name}.html").render(posted=posted, **context), 422 if refused else 200

    def guard_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    app.add_url_rule("/<name>", view_func=show, methods=["GET", "POST"])
    app.after_request(guard_policy)
    return app


def page(body: str, *, macros: str = "", title: str = "Heading", before: str = "") -> str:
    """The source of a page with these macros imported (names parted by blanks) and this main part under its heading."""
    imports = "".join(f'{{% from "components/{name}.html" import {name} %}}' for name in macros.split())
    return (
        '{% extends "layouts/page.html" %}' + imports + f"{{% block title %}}{title}{{% endblock %}}"
        "{% block main %}" + before + "<h1>{{ self.title() }}</h1>" + body + "{% endblock %}"
    )

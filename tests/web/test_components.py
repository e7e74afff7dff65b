"""Every layout and component, filled and refused, is strict HTML that passes the lint."""

import re

import pytest
from flask import Flask

from tests.support.html import lint
from tests.support.kit_app import APP, COMPONENTS, Face, kit_app, page

ROWS = '[{"key": "E-mail", "value": "a@b.example", "change": "/x"}, {"key": "Receipt", "value": "8f3a", "code": true}]'
CARDS = """[
 {"title": "Create an ID.me account", "text": "Five minutes.", "action": "/go", "fields": {"intent": "register"},
  "primary": true, "icon": "person"},
 {"title": "Sign in with Login.gov", "text": "x", "unavailable": "Not available now."},
 {"title": "Use a username", "text": "Until 2027.", "href": "/username", "note": "Last used"}]"""
ALL_FIELDS = """{% call form("/fields") %}
{{ field(f.email, autocomplete="email") }}{{ password_field(f.password, "new-password", guidance=["Long is good."]) }}
{{ code_field(f.code, hint="From the message.") }}{{ phone_field(f.phone, f.country) }}
{{ field(f.land) }}{{ choices(f.method, hints={"sms": "Works in most countries."}) }}{{ checkbox(f.agree) }}
{{ date_field(f.signed) }}{{ long_text(f.why, 500) }}{{ field(f.letter) }}{{ field(f.phase, width=4) }}
{{ button("Save and continue") }}{{ button("Another", "secondary", name="again", value="1") }}{% endcall %}"""
FIELD_MACROS = (
    "form field password_field code_field phone_field choices checkbox date_field long_text button error_summary"
)
PAGES = {
    "fields": page(ALL_FIELDS, macros=FIELD_MACROS, before="{{ error_summary(f) }}"),
    "cards": page("{{ choice_cards(" + CARDS + ") }}", macros="choice_cards"),
    "records": page(
        "{{ summary_list(" + ROWS + ') }}{{ table("Sessions", ["Where", "Pages"], [["Zurich", 12]], numeric=(1,)) }}'
        '{{ timeline([{"at": at, "text": "You signed in", "detail": "From Zurich"}]) }}'
        '{{ task_list([{"title": "Sign", "status": "To do", "href": "/s"}, {"title": "Send", "status": "Later"}]) }}'
        '{{ pagination(2, 3, "/records?page=%d") }}{{ progress(3, 9, "Reading") }}{{ tag("New", "info") }}'
        '{{ plot("Linked", [("Mon", 3), ("Tue", 0)], "Day", "People") }}',
        macros="summary_list table timeline task_list pagination progress tag plot",
    ),
    "words": page(
        '{{ step_indicator(2, 5, "Second step") }}{{ notification("Ready.", "success") }}'
        '{% call notification(kind="warning") %}<p>Soon.</p>{% endcall %}'
        '{% call details("More") %}<p>More.</p>{% endcall %}{{ button("Go", href="/go") }}'
        '{{ session_warning("/more", 1800, "/sign-in") }}'
        '{% call form("/words") %}{{ passkey("get", "{}") }}{{ button("Use a passkey") }}{% endcall %}',
        macros="step_indicator notification details button session_warning form passkey",
    ),
    "refusal": '{% extends "layouts/error.html" %}{% block title %}Expired{% endblock %}'
    "{% block explanation %}<p>It took too long.</p>{% endblock %}",
}


@pytest.fixture
def app() -> Flask:
    return kit_app(PAGES)


def body_of(app: Flask, path: str, **headers: str) -> str:
    return app.test_client().get(path, headers=headers).get_data(as_text=True)


@pytest.mark.parametrize("name", ["fields", "cards", "records", "words"])
def test_pages_and_fragments_pass_the_lint(app: Flask, name: str) -> None:
    assert lint(body_of(app, f"/{name}")) == []
    assert lint(body_of(app, f"/{name}", **{"HX-Request": "true"}), fragment=True) == []


def test_every_component_stands_on_a_linted_page() -> None:
    """A macro that no page above imports, directly or through another, is not looked at."""
    used: set[str] = set()
    waiting = list(PAGES.values())
    folder = APP / "templates"
    while waiting:
        source = waiting.pop()
        found = set(re.findall(r'(?:from|extends) "((?:components|layouts)/\w+\.html)"', source)) - used
        used |= found
        waiting += [(folder / path).read_text() for path in found]
    assert {f"components/{name}.html" for name in COMPONENTS} - used == set()


def test_a_component_is_one_macro_named_as_its_file() -> None:
    environment = kit_app({}).jinja_env
    for name in COMPONENTS:
        assert callable(getattr(environment.get_template(f"components/{name}.html").module, name))


def test_a_refused_form_names_each_fault_where_it_is_and_above(app: Flask) -> None:
    response = app.test_client().post("/fields", data={})
    body = response.get_data(as_text=True)
    assert response.status_code == 422
    assert lint(body) == []
    assert "<title>Error: Heading \u2013 QAAMS</title>" in body
    summary = body[body.index("error-summary") : body.index("<h1>")]
    for target in ("email", "password", "code", "phone", "method-0", "agree", "signed-day", "phase"):
        assert f'href="#{target}"' in summary
    assert 'role="alert"' in summary
    assert 'tabindex="-1" autofocus' in summary
    assert re.search(r'aria-describedby="email-hint email-error"[^>]*aria-invalid="true"', body)
    assert 'id="country-error"' not in body


def test_a_clean_form_has_no_summary(app: Flask) -> None:
    body = body_of(app, "/fields")
    assert "error-summary" not in body
    assert "aria-invalid" not in body
    assert "<title>Heading \u2013 QAAMS</title>" in body


def test_an_enhanced_form_swaps_into_main_and_a_plain_one_does_not(app: Flask) -> None:
    assert 'hx-post="/fields" hx-target="#main" hx-swap="innerHTML" hx-sync="this:drop"' in body_of(app, "/fields")
    assert "hx-" not in body_of(app, "/cards").partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize(
    ("field", "attributes"),
    [
        ("email", ['autocomplete="email"', 'type="email"', 'spellcheck="false"']),
        ("password", ['autocomplete="new-password"', 'type="password"', 'aria-describedby="password-guidance"']),
        ("code", ['autocomplete="one-time-code"', 'inputmode="numeric"', 'pattern="[0-9 \\-]{6,}"', 'type="text"']),
        ("phone", ['autocomplete="tel"', 'type="tel"']),
        ("country", ['autocomplete="country-name"']),
    ],
)
def test_inputs_carry_what_browsers_fill_in_by(app: Flask, field: str, attributes: list[str]) -> None:
    tag = re.search(rf'<input[^>]*id="{field}"[^>]*>', body_of(app, "/fields"))
    assert tag is not None
    for attribute in attributes:
        assert attribute in tag[0]
    assert "maxlength" not in tag[0]
    assert " required" not in tag[0]


def test_a_fragment_is_the_title_and_the_inside_of_main(app: Flask) -> None:
    body = body_of(app, "/words", **{"HX-Request": "true"})
    assert body.startswith("<title>Heading \u2013 QAAMS</title>")
    assert "<main" not in body
    assert "<script" not in body


def test_a_page_that_runs_no_scripts_prefetches_them() -> None:
    source = '{% set runs_scripts = false %}{% set page_scripts = ["js/webauthn.js"] %}' + page("")
    body = body_of(kit_app({"quiet": source}), "/quiet")
    assert "<script" not in body
    assert body.count('<link rel="prefetch" as="script" href="/static/js/') == 3


def test_a_page_runs_its_scripts_deferred() -> None:
    body = body_of(kit_app({"lively": '{% set page_scripts = ["js/webauthn.js"] %}' + page("")}), "/lively")
    assert body.count('<script src="/static/js/') == body.count(" defer></script>") == 3


def test_each_service_says_what_it_is_not() -> None:
    assert "This is not an IRS website." in body_of(kit_app({"a": page("")}), "/a")
    other = body_of(kit_app({"a": page("")}, Face("Credential service", "credential")), "/a")
    assert "This is not ID.me." in other
    assert "IRS" not in other


def test_the_step_stands_between_heading_and_service() -> None:
    source = page("") + "{% block step %}Second step{% endblock %}"
    assert "<title>Heading \u2013 Second step \u2013 QAAMS</title>" in body_of(kit_app({"a": source}), "/a")


def test_who_is_signed_in_can_sign_out_and_sees_where_they_are() -> None:
    source = '{% set signed_in = true %}{% set navigation = [{"href": "/", "text": "Home", "current": true}] %}' + page(
        ""
    )
    body = body_of(kit_app({"a": source}), "/a")
    assert lint(body) == []
    assert '<form action="/sign-out" method="post"' in body
    assert 'aria-current="page"' in body


def test_a_refusal_shows_its_code_and_the_way_to_help() -> None:
    class Refusal:
        code = "QA-202"

    class Request:
        request_id = "8f3a91c02b7d"

    app = kit_app(
        PAGES, Face(support={"email": "help@example.org", "phone": "+1 555 0100", "hours": "Weekdays.", "url": "/h"})
    )
    with app.test_request_context():
        body = app.jinja_env.get_template("refusal.html").render(refusal=Refusal, g=Request)
    assert lint(body) == []
    assert "QA-202" in body
    assert "8f3a91c02b7d" in body
    assert body.count('href="mailto:help@example.org"') == 1
    assert 'href="tel:+15550100"' in body


def test_words_from_outside_are_escaped() -> None:
    source = page('{{ notification(posted, title="<b>") }}{{ error_summary(none, ["<i>", ("#main", "<u>")]) }}',
                  macros="notification error_summary")  # fmt: skip
    body = kit_app({"a": source}).test_client().get("/a").get_data(as_text=True)
    assert not {"<b>", "<i>", "<u>"} & set(re.findall(r"<\w>", body))

"""Every view declares who may reach it; who may not never reaches it."""

import pytest
from flask import Flask, Response

from app.web.guard import PUBLIC, Guard, Unguarded, guarded, require_all, route_table
from app.web.htmx import page
from app.web.redirects import see_other
from tests.web.bare import bare_app


@pytest.fixture
def app() -> Flask:
    return bare_app()


def test_an_app_with_an_undeclared_view_does_not_start(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "x")
    with pytest.raises(Unguarded, match="forgotten"):
        require_all(app)


def test_an_app_whose_views_all_declare_does(app: Flask) -> None:
    require_all(app)


def test_an_undeclared_view_that_slipped_in_answers_nobody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "a secret")
    response = app.test_client().get("/forgotten")
    assert response.status_code == 500
    assert "a secret" not in response.text


@pytest.mark.parametrize(("open_", "status"), [(True, 200), (False, 303)])
def test_a_guard_lets_through_or_answers_instead(app: Flask, open_: bool, status: int) -> None:
    reached = []

    @guarded(Guard("some", lambda: None if open_ else see_other("/words")))
    def view() -> Response:
        reached.append(True)
        return page("words.html")

    app.add_url_rule("/guarded", "guarded", view)
    assert app.test_client().get("/guarded").status_code == status
    assert bool(reached) is open_


def test_the_token_is_asked_for_before_the_guard(app: Flask) -> None:
    """What a guard looks up must not depend on a request that another site made."""
    asked = []
    app.add_url_rule(
        "/guarded", "guarded", guarded(Guard("some", lambda: asked.append(True)))(lambda: "ok"), methods=["POST"]
    )
    assert app.test_client().post("/guarded").status_code == 400
    assert not asked


def test_a_guard_that_only_sends_on_does_so_before(app: Flask) -> None:
    """A reload repeats a POST with a token that ended with the cookie; it leads to where the person should be."""
    guard = Guard("some", sends_on=lambda: see_other("/words"))
    app.add_url_rule("/finished", "finished", guarded(guard)(lambda: "ok"), methods=["POST"])
    assert app.test_client().post("/finished").headers["Location"] == "/words"


def test_the_table_has_a_line_a_route_with_the_reason_for_an_exception(app: Flask) -> None:
    table = route_table(app)
    assert "/form\tGET,POST\t/form\tpublic" in table
    assert "/program\tGET,POST\t/program\tpublic\ta program posts here, without a page" in table
    assert table == sorted(table)
    assert len(table) == len(list(app.url_map.iter_rules()))


def test_declaring_changes_nothing_else_about_a_view() -> None:
    def view() -> str:
        return "x"

    assert guarded(PUBLIC)(view) is view

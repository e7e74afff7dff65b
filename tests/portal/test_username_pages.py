"""The page for existing usernames: what it shows, whom it lets in, and that it tells nobody which usernames exist."""

import statistics
import time
from contextlib import ExitStack
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.models.session import PortalSession
from app.models.username import Username
from app.web.waiting import PLACES, ROOM
from tests.support.imports import PASSWORD, run_import, usernames_file
from tests.support.portal import PortalUnderTest, make_portal

PAGE = "/sign-in/username"


@pytest.fixture
def office(portal: PortalUnderTest) -> PortalUnderTest:
    """A portal with one imported person."""
    add_person(portal, clock.now())
    return portal


def add_person(portal: PortalUnderTest, now: datetime) -> None:
    with Session(portal.engine) as session:
        run_import(session, usernames_file({"username": "RO.Smith", "given_name": "Zoë"}), now)


def set_status(portal: PortalUnderTest, status: str) -> None:
    with Session(portal.engine) as session:
        session.execute(update(Username).values(status=status))
        session.commit()


class Inputs(HTMLParser):
    """The inputs of a page by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.by_name: dict[str, dict[str, str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.by_name[str(given["name"])] = given


class TestPage:
    def test_what_password_managers_look_for(self, office: PortalUnderTest) -> None:
        inputs = Inputs(office.client.get(PAGE).text).by_name
        assert inputs["username"]["autocomplete"] == "username"
        assert (inputs["password"]["autocomplete"], inputs["password"]["type"]) == ("current-password", "password")

    def test_nothing_is_asked_of_a_person_who_is_in(self, office: PortalUnderTest) -> None:
        office.client.submit(PAGE, username="ro.smith", password=PASSWORD)
        assert office.client.get(PAGE).headers["Location"] == "/"

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_off(self, office: PortalUnderTest, tmp_path: Path, method: str) -> None:
        closed = make_portal(tmp_path, str(office.engine.url), office.provider, username_sign_in=False)
        fields = closed.client.hidden("/sign-in") | {"username": "ro.smith", "password": PASSWORD}
        response = closed.client.open(PAGE, method=method, data=fields if method == "POST" else None)
        assert response.status_code == 403
        assert "QA-305" in response.text
        assert 'href="/sign-in"' in response.text
        assert closed.count(PortalSession) == 0
        closed.engine.dispose()


class TestSigningIn:
    def test_home_is_next(self, office: PortalUnderTest) -> None:
        before = office.client.get_cookie("qaams_session")
        response = office.client.submit(PAGE, username=" ro.SMITH ", password=PASSWORD)
        assert (response.status_code, response.headers["Location"]) == (303, "/")
        home = office.client.get("/")
        assert home.status_code == 200
        assert office.client.get_cookie("qaams_session") != before

    def test_scripts_go_home_as_a_whole_page(self, office: PortalUnderTest) -> None:
        response = office.client.submit(PAGE, username="ro.smith", password=PASSWORD, headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/")

    @pytest.mark.parametrize(
        ("wanted", "got"),
        [
            ("/account", "/account"),
            ("//evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("javascript:alert(1)", "/"),
        ],
    )
    def test_next_is_a_page_of_ours(self, office: PortalUnderTest, wanted: str, got: str) -> None:
        response = office.client.submit(PAGE, username="ro.smith", password=PASSWORD, next=wanted)
        assert response.headers["Location"] == got

    def test_next_survives_the_page(self, office: PortalUnderTest) -> None:
        inputs = Inputs(office.client.get(f"{PAGE}?next=/account").text).by_name
        assert inputs["next"]["value"] == "/account"
        assert "next" not in Inputs(office.client.get(f"{PAGE}?next=//evil.example").text).by_name

    def test_a_blank_around_the_password_belongs_to_it(self, office: PortalUnderTest) -> None:
        assert office.client.submit(PAGE, username="ro.smith", password=f" {PASSWORD}").status_code == 422


class TestRefused:
    def test_wrong_password(self, office: PortalUnderTest) -> None:
        response = office.client.submit(PAGE, username="ro.smith", password="guess <b>")
        inputs = Inputs(response.text).by_name
        assert response.status_code == 422
        assert "<title>Error: " in response.text
        assert 'class="error-summary"' in response.text
        assert 'href="#password"' in response.text
        assert inputs["username"]["value"] == "ro.smith"
        assert inputs["password"]["aria-invalid"] == "true"
        assert not inputs["password"].get("value")
        assert "QA-301" in response.text
        assert office.count(PortalSession) == 0

    def test_a_fragment_is_swapped_in(self, office: PortalUnderTest) -> None:
        response = office.client.submit(PAGE, username="ro.smith", password="guess", headers={"HX-Request": "true"})
        assert response.status_code == 422
        assert response.text.lstrip().startswith("<title>Error: ")

    @pytest.mark.parametrize(("username", "password"), [("", PASSWORD), ("  ", PASSWORD), ("ro.smith", "")])
    def test_something_lacks(self, office: PortalUnderTest, username: str, password: str) -> None:
        response = office.client.submit(PAGE, username=username, password=password)
        assert response.status_code == 422
        assert "QA-301" not in response.text

    @pytest.mark.parametrize(("status", "code"), [("frozen", "QA-302"), ("expired", "QA-303"), ("closed", "QA-304")])
    def test_a_status_is_told_after_the_right_password_only(
        self, office: PortalUnderTest, status: str, code: str
    ) -> None:
        set_status(office, status)
        assert "QA-301" in office.client.submit(PAGE, username="ro.smith", password="guess").text
        response = office.client.submit(PAGE, username="ro.smith", password=PASSWORD)
        assert response.status_code == 403
        assert code in response.text

    def test_too_many(self, office: PortalUnderTest) -> None:
        for _ in range(5):
            office.client.submit(PAGE, username="ro.smith", password="guess")
        response = office.client.submit(PAGE, username="ro.smith", password=PASSWORD)
        assert response.status_code == 429
        assert 25 <= int(response.headers["Retry-After"]) <= 30
        assert "QA-129" in response.text

    def test_without_token(self, office: PortalUnderTest) -> None:
        office.client.get(PAGE)
        response = office.client.post(PAGE, data={"username": "ro.smith", "password": PASSWORD})
        assert "QA-122" in response.text
        assert office.count(PortalSession) == 0

    def test_no_place_left(self, office: PortalUnderTest) -> None:
        with ExitStack() as everybody:
            for _ in range(PLACES):
                everybody.enter_context(ROOM.place())
            response = office.client.submit(PAGE, username="ro.smith", password=PASSWORD)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
        assert "QA-153" in response.text
        assert office.client.submit(PAGE, username="ro.smith", password=PASSWORD).status_code == 303


class TestNobodyLearnsWhoExists:
    def test_same_status_words_and_headers(self, office: PortalUnderTest) -> None:
        answers = []
        for username in ("ro.smith", "xx.smith"):
            response = office.browser().submit(PAGE, username=username, password="guess")
            text = response.text.replace(username, "…")
            for given in Inputs(response.text).by_name.values():
                if given["type"] == "hidden":
                    text = text.replace(str(given["value"]), "…")
            answers.append((response.status_code, text, {name for name, _ in response.headers}))
        assert answers[0] == answers[1]

    def test_same_time(self, portal: PortalUnderTest, tmp_path: Path) -> None:
        """With the floor each failure takes as long, whatever was checked: the medians are apart by less than noise."""
        slow = make_portal(tmp_path, str(portal.engine.url), portal.provider, failure_floor_ms=150)
        add_person(slow, clock.now())
        taken: dict[str, list[float]] = {"ro.smith": [], "xx.smith": []}
        browser = slow.browser()
        hidden = browser.hidden(PAGE)
        for _ in range(4):
            for username, times in taken.items():
                started = time.perf_counter()
                browser.post(PAGE, data=hidden | {"username": username, "password": "guess"})
                times.append(time.perf_counter() - started)
        known, unknown = (statistics.median(times) for times in taken.values())
        assert min(known, unknown) >= 0.15
        assert abs(known - unknown) < 0.05
        slow.engine.dispose()

"""What bad input gets: a page with 4xx and a public code, an audit event, and everything that was open still open."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from app import clock
from app.models.sign_in import Arrival
from app.web.security import LARGEST_BODY
from tests.support.client import LintingClient
from tests.support.hostile_provider import Clock, HostileProvider
from tests.support.portal import PortalUnderTest, make_portal

USERNAME = "/sign-in/username"
CONSENT = "/consent/email"
FORM = "application/x-www-form-urlencoded"


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = readinto = read


class Counting(BytesIO):
    """A body that notes how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PortalUnderTest, LintingClient]]:
    """One portal for all tests here, with someone signed in and, in another browser, someone with an open arrival."""
    folder = tmp_path_factory.mktemp("attacked")
    with HostileProvider(Clock(clock.now())) as provider:
        portal = make_portal(folder, f"sqlite:///{folder / 'portal.sqlite3'}", provider)
        arriving = portal.browser()
        portal.arrive(arriving)
        portal.sign_in()
        yield portal, arriving
        portal.engine.dispose()


@pytest.fixture
def arrived(attacked: tuple[PortalUnderTest, LintingClient]) -> Iterator[PortalUnderTest]:
    """That portal; after each test, whatever it received, both people are where they were."""
    portal, arriving = attacked
    yield portal
    assert portal.client.get("/").status_code == 200, "the session is intact"
    assert arriving.get(CONSENT).status_code == 200, "the arrival is intact"
    assert [row.finished_at is None for row in portal.rows(Arrival)].count(True) == 1


def assert_refused(portal: PortalUnderTest, response: TestResponse, code: str, status: int = 400) -> None:
    """A page with the public code and the request's id, and the audit event that has both."""
    assert response.status_code == status, response.text
    assert code in response.text
    request_id = response.headers["X-Request-ID"]
    assert request_id in response.text
    expected = ("bad_request.refused", {"code": code, "request_id": request_id})
    assert portal.events("bad_request.refused")[-1] == expected


def post(portal: PortalUnderTest, body: bytes, path: str = USERNAME, kind: str = FORM) -> TestResponse:
    """A body as it is, on top of the token and the key that the page has."""
    token = portal.client.hidden("/")["csrf_token"]
    fields = f"csrf_token={token.replace('=', '%3D')}&".encode() if kind == FORM else b""
    return portal.client.post(path, data=fields + body, content_type=kind)


class TestTooMuch:
    @pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "application/json", "text/plain"])
    @pytest.mark.parametrize("path", [USERNAME, "/sign-out", CONSENT, "/sign-in/idme"])
    def test_an_announced_body_is_refused_unread(self, arrived: PortalUnderTest, path: str, kind: str) -> None:
        announced = {"CONTENT_LENGTH": str(LARGEST_BODY + 1), "wsgi.input": Unread()}
        response = arrived.client.post(path, content_type=kind, environ_overrides=announced)
        assert_refused(arrived, response, "QA-113", 413)

    def test_a_body_of_unknown_length_is_refused_at_the_limit(self, arrived: PortalUnderTest) -> None:
        body = Counting(b"a=" + b"x" * (8 * LARGEST_BODY))
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": body}
        response = arrived.client.post(USERNAME, content_type=FORM, environ_overrides=chunked)
        assert_refused(arrived, response, "QA-113", 413)
        assert body.taken <= 2 * LARGEST_BODY

    def test_the_largest_body_is_read(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        token = f"csrf_token={portal.client.hidden('/')['csrf_token'].replace('=', '%3D')}&username="
        body = token.encode() + b"x" * (LARGEST_BODY - len(token))
        assert portal.client.post(USERNAME, data=body, content_type=FORM).status_code == 422

    @pytest.mark.parametrize("number", [101, 20_000])
    def test_too_many_fields(self, arrived: PortalUnderTest, number: int) -> None:
        assert_refused(arrived, post(arrived, b"a=&" * number), "QA-113", 413)

    def test_too_many_parts(self, arrived: PortalUnderTest) -> None:
        part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        response = post(arrived, part * 101 + b"--x--\r\n", kind="multipart/form-data; boundary=x")
        assert_refused(arrived, response, "QA-113", 413)

    def test_too_many_query_fields(self, arrived: PortalUnderTest) -> None:
        assert_refused(arrived, arrived.client.get(USERNAME, query_string="&".join(["a=1"] * 101)), "QA-113", 413)

    @pytest.mark.parametrize("name", ["X-Filler", "Cookie", "Accept-Encoding", "Accept-Language", "User-Agent"])
    def test_huge_headers_change_nothing(self, arrived: PortalUnderTest, name: str) -> None:
        assert arrived.browser().get("/sign-in", headers={name: "x=" + "y" * 60_000}).status_code == 200


class TestUnreadable:
    BROKEN = ("%ff", "a%C3", "%ED%A0%80", "%00", "a%00b", "%C0%AF")

    @pytest.mark.parametrize("value", BROKEN)
    def test_in_a_form(self, arrived: PortalUnderTest, value: str) -> None:
        assert_refused(arrived, post(arrived, f"username={value}&password=x".encode()), "QA-100")
        assert_refused(arrived, post(arrived, f"{value}=x".encode()), "QA-100")

    def test_as_raw_bytes_in_a_form(self, arrived: PortalUnderTest) -> None:
        assert_refused(arrived, post(arrived, b"username=\xff\xfe&password=x"), "QA-100")

    def test_in_the_second_of_two_equal_fields(self, arrived: PortalUnderTest) -> None:
        assert_refused(arrived, post(arrived, b"username=a&username=%00"), "QA-100")

    @pytest.mark.parametrize("value", BROKEN)
    def test_in_a_query(self, arrived: PortalUnderTest, value: str) -> None:
        for query in (f"next={value}", f"{value}=1"):
            assert_refused(arrived, arrived.client.get(f"{USERNAME}?{query}"), "QA-100")

    def test_as_raw_bytes_in_a_query(self, arrived: PortalUnderTest) -> None:
        response = arrived.client.get(USERNAME, environ_overrides={"QUERY_STRING": "next=\xff"})
        assert_refused(arrived, response, "QA-100")

    @pytest.mark.parametrize(
        "path", ["/consent/receipts/%ff", "/consent/receipts/a%00b", "/callback/%ff", "/static/%00"]
    )
    def test_in_a_path(self, arrived: PortalUnderTest, path: str) -> None:
        response = arrived.client.get(path)
        assert response.status_code in (400, 404)
        assert response.headers["X-Request-ID"] in response.text

    @pytest.mark.parametrize("value", ["\xff\xfe", "a\0b", "", ";;;=", '"\\377"', "x" * 43 + "\n", "ü" * 43])
    def test_in_a_cookie(self, arrived: PortalUnderTest, value: str) -> None:
        browser = arrived.app.test_client(use_cookies=False)
        response = browser.get("/sign-in", headers={"Cookie": f"qaams_session={value}".replace("\n", "")})
        assert response.status_code == 200

    def test_other_scripts_are_not_bad_input(self, portal: PortalUnderTest) -> None:
        assert portal.client.submit(USERNAME, username="Ωμέγα 山田", password="пароль").status_code == 422


class TestMalformed:
    MULTIPART = "multipart/form-data; boundary=x"

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"garbage"),
            ("multipart/form-data; boundary=", b"----\r\n"),
            (MULTIPART, b"garbage"),
            (MULTIPART, b"--x\r\n\r\n"),
            (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"),
            (
                MULTIPART,
                b'--x\r\nContent-Disposition: form-data; name="csrf_token"; filename="a"\r\n\r\n1\r\n--x--\r\n',
            ),
            (MULTIPART, b"--x\r\n" + b"A" * 60_000),
            ("application/json", b'{"username": "a", "password": "b"}'),
            ("application/json", b'{"csrf_token": '),
            ("text/plain", b"csrf_token=x"),
            ("application/x-www-form-urlencoded; charset=utf-16", b"\xff\xfe="),
            (FORM, b"&&&;;;==="),
            (FORM, b"%%%&%u0041"),
            ("", b"a=1"),
            ("\xff/\xff", b"a=1"),
        ],
    )
    def test_bodies(self, arrived: PortalUnderTest, kind: str, body: bytes) -> None:
        for path in (USERNAME, CONSENT, "/sign-out"):
            response = arrived.client.post(path, data=body, headers={"Content-Type": kind})
            assert response.status_code in (400, 413), response.text
            code = next(code for code in ("QA-100", "QA-113", "QA-122") if code in response.text)
            assert_refused(arrived, response, code, response.status_code)

    @pytest.mark.parametrize("token", ["", "x", "A" * 86, "A" * 88, "ü", "=" * 88, "a" * 5000, "../../etc", "\u202e"])
    def test_tokens_against_forgery(self, arrived: PortalUnderTest, token: str) -> None:
        assert_refused(arrived, arrived.client.post("/sign-out", data={"csrf_token": token}), "QA-122")

    @pytest.mark.parametrize("path", ["/sign-out", USERNAME, "/sign-in/idme", CONSENT, f"{CONSENT}/decline"])
    def test_no_token_at_all(self, arrived: PortalUnderTest, path: str) -> None:
        assert_refused(arrived, arrived.client.post(path, data={"address": "0"}), "QA-122")

    def test_a_form_of_a_browser_without_cookies(self, portal: PortalUnderTest) -> None:
        form = portal.client.hidden("/sign-in")
        assert_refused(portal, portal.browser().post("/sign-in/idme", data=form), "QA-122")

    @pytest.mark.parametrize(
        "query",
        [
            "", "state=", "state=a&state=b&code=c", "state=%E2%80%AE", f"state={'x' * 20_000}", "code=x",
            "error=%3Cscript%3E", "state=x&error=access_denied&error_description=%3Cb%3E", "state[]=x&code[$ne]=1",
        ],
    )  # fmt: skip
    def test_callbacks(self, arrived: PortalUnderTest, query: str) -> None:
        response = arrived.client.get("/callback/idme", query_string=query)
        code = "QA-209" if "QA-209" in response.text else "QA-201"
        assert_refused(arrived, response, code)
        assert "<script>" not in response.text

    @pytest.mark.parametrize(
        "path", ["/nowhere", "/sign-in/", "/sign-in/nobody/x", "/callback/none", "/%2e%2e/etc/passwd"]
    )
    def test_pages_that_are_not_there(self, arrived: PortalUnderTest, path: str) -> None:
        assert_refused(arrived, arrived.client.get(path), "QA-104", 404)

    def test_a_provider_that_is_not_there(self, portal: PortalUnderTest) -> None:
        assert_refused(portal, portal.client.submit("/sign-in/login_gov", page="/sign-in"), "QA-104", 404)


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("POST", "/", {"GET", "HEAD", "OPTIONS"}),
            ("POST", "/sign-in", {"GET", "HEAD", "OPTIONS"}),
            ("DELETE", USERNAME, {"GET", "HEAD", "OPTIONS", "POST"}),
            ("PUT", CONSENT, {"GET", "HEAD", "OPTIONS", "POST"}),
            ("GET", "/sign-out", {"POST", "OPTIONS"}),
            ("TRACE", "/", {"GET", "HEAD", "OPTIONS"}),
            ("BREW", "/", {"GET", "HEAD", "OPTIONS"}),
            ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    def test_others_are_refused_and_the_known_are_named(
        self, arrived: PortalUnderTest, method: str, path: str, allowed: set[str]
    ) -> None:
        response = arrived.client.open(path, method=method)
        assert set(response.headers["Allow"].split(", ")) == allowed
        assert_refused(arrived, response, "QA-105", 405)

    def test_head_is_get_without_words(self, portal: PortalUnderTest) -> None:
        response = portal.client.head("/sign-in")
        assert (response.status_code, response.data) == (200, b"")

    def test_a_method_named_in_a_field_or_header_is_not_taken(self, arrived: PortalUnderTest) -> None:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method"):
            assert arrived.client.get("/sign-out", headers={name: "POST"}).status_code == 405


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "evil.example", "localhost.evil.example", "evil.example:8000", "localhost.", "localhost:evil",
            "localhost:80:80",
            "localhost@evil.example", "localhost:80@evil.example", "user:x@localhost",
            "[::1", "[::1]evil.example", "[::1]:x",
            "[::2]", "[localhost]", "::1", "", " ", ":8000", "*", "local host", "localhost/", "localhost\\evil",
            "lоcalhost",
            "localhost,evil.example", "127.0.0.1.evil.example", "127.1", "0x7f000001", "localhost\t", "localhost%00",
            "'\"><b>",
        ],
    )  # fmt: skip
    def test_unknown_ones_are_refused(self, arrived: PortalUnderTest, host: str) -> None:
        overrides = {"HTTP_HOST": host.encode().decode("latin-1")}
        response = arrived.browser().get("/sign-in", environ_overrides=overrides)
        assert_refused(arrived, response, "QA-121")
        assert "evil" not in response.text, "nothing of it is echoed"
        assert "<b>" not in response.text
        assert "Set-Cookie" not in response.headers

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "localhost:65535"]
    )
    def test_known_ones_are_not(self, arrived: PortalUnderTest, host: str) -> None:
        assert arrived.browser().get("/sign-in", environ_overrides={"HTTP_HOST": host}).status_code == 200

    def test_a_request_without_one_is_refused(self, portal: PortalUnderTest) -> None:
        def without_host(environ: dict[str, Any], start_response: Any) -> Any:
            del environ["HTTP_HOST"]
            return portal.app.wsgi_app(environ, start_response)

        response = Client(without_host).get("/sign-in")
        assert response.status_code == 400
        assert "QA-121" in response.text

    def test_a_forwarded_host_is_not_believed(self, portal: PortalUnderTest) -> None:
        response = portal.client.get("/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"})
        assert response.status_code == 200
        assert "evil" not in response.text

    @pytest.mark.parametrize("path", ["/nowhere", "/healthz", "/outbox.json", "/static/css/style.css", "/sign-out"])
    def test_whatever_is_asked_for(self, arrived: PortalUnderTest, path: str) -> None:
        assert arrived.client.get(path, environ_overrides={"HTTP_HOST": "evil.example"}).status_code == 400


class TestRedirects:
    ATTEMPTS = (
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "https:evil.example",
        "/\t/evil.example", "javascript:alert(1)", " //evil.example", "/x\r\nLocation: https://evil.example",
        "http://localhost:8000@evil.example/", "evil.example", "///evil.example",
    )  # fmt: skip

    @pytest.mark.parametrize("value", ATTEMPTS)
    def test_next_leads_to_pages_of_ours_only(self, arrived: PortalUnderTest, value: str) -> None:
        response = arrived.client.get(USERNAME, query_string={"next": value})
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/")
        assert not response.headers["Location"].startswith(("//", "/\\"))
        assert "evil" not in response.headers["Location"]

    @pytest.mark.parametrize("value", ATTEMPTS)
    def test_nor_is_it_kept_in_the_form(self, arrived: PortalUnderTest, value: str) -> None:
        text = arrived.browser().get(USERNAME, query_string={"next": value}).text
        assert 'name="next"' not in text

    def test_a_page_of_ours_is_gone_to(self, arrived: PortalUnderTest) -> None:
        response = arrived.client.get(USERNAME, query_string={"next": "/account?tab=1"})
        assert response.headers["Location"] == "/account?tab=1"

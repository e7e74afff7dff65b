"""Pages are compressed as the browser prefers, and what must be left alone is left alone."""

import gzip
from collections.abc import Iterator

import brotli
import pytest
from flask import Flask, Response
from werkzeug.test import Client

from app.web import compression

WORDS = "Sign in to QAAMS with ID.me. " * 60


@pytest.fixture
def client() -> Client:
    app = Flask("compression")
    compression.install(app)

    @app.get("/<kind>")
    def show(kind: str) -> Response:
        return ANSWERS[kind]()

    return app.test_client()


def pieces() -> Iterator[str]:
    yield WORDS
    yield WORDS


def encoded() -> Response:
    return Response(b"x" * 900, content_type="text/html", headers={"Content-Encoding": "zstd"})


def tagged() -> Response:
    response = Response(WORDS, content_type="text/html")
    response.set_etag("a")
    return response


ANSWERS = {
    "page": lambda: Response(WORDS, content_type="text/html; charset=utf-8"),
    "json": lambda: Response(WORDS, content_type="application/json"),
    "refused": lambda: Response(WORDS, status=422, content_type="text/html"),
    "short": lambda: Response("x" * 499, content_type="text/html"),
    "longer": lambda: Response("x" * 500, content_type="text/html"),
    "picture": lambda: Response(WORDS, content_type="image/png"),
    "stream": lambda: Response(pieces(), content_type="text/html"),
    "encoded": encoded,
    "tagged": tagged,
    "empty": lambda: Response(status=204, content_type="text/html"),
    "whole": lambda: Response(WORDS, content_type="text/html", headers={"Cache-Control": "no-transform"}),
    "varied": lambda: Response(WORDS, content_type="text/html", headers={"Vary": "HX-Request"}),
}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.4, gzip;q=0.8", "gzip"),
        ("br;q=0.8, gzip;q=0.8", "br"),
        ("*;q=0.1", "br"),
        ("*, br;q=0", "gzip"),
        ("identity;q=1, br;q=0.5", None),
        ("br;q=0", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_the_browser_chooses(client: Client, accepted: str, encoding: str | None) -> None:
    response = client.get("/page", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding or "", bytes)(response.get_data())
    assert plain.decode() == WORDS
    assert int(response.headers["Content-Length"]) == len(response.get_data())
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("kind", ["json", "refused", "longer"])
def test_other_long_text_is_compressed_too(client: Client, kind: str) -> None:
    assert client.get(f"/{kind}", headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"


@pytest.mark.parametrize("kind", ["short", "picture", "stream", "empty", "whole"])
def test_the_rest_is_left_alone(client: Client, kind: str) -> None:
    response = client.get(f"/{kind}", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in response.headers
    assert response.get_data() == client.get(f"/{kind}").get_data()


def test_a_body_is_not_compressed_twice(client: Client) -> None:
    response = client.get("/encoded", headers={"Accept-Encoding": "br"})
    assert (response.headers["Content-Encoding"], response.get_data()) == ("zstd", b"x" * 900)


def test_a_strong_etag_becomes_weak_only_when_the_bytes_change(client: Client) -> None:
    assert client.get("/tagged", headers={"Accept-Encoding": "br"}).headers["ETag"] == 'W/"a"'
    assert client.get("/tagged").headers["ETag"] == '"a"'


def test_other_reasons_to_vary_stay(client: Client) -> None:
    assert client.get("/varied").headers["Vary"] == "HX-Request, Accept-Encoding"


def test_a_short_answer_varies_too_since_its_neighbour_does(client: Client) -> None:
    assert client.get("/short").headers["Vary"] == "Accept-Encoding"


def test_a_head_request_tells_the_length_of_the_compressed_page(client: Client) -> None:
    headers = {"Accept-Encoding": "br"}
    assert (
        client.head("/page", headers=headers).headers["Content-Length"]
        == client.get("/page", headers=headers).headers["Content-Length"]
    )

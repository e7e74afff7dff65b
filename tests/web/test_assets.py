"""Static files: named after their content, compressed once, cached for ever, and within their budgets."""

import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.test import Client

from app.web import assets
from app.web.assets import Assets, UnknownAssetError
from tests.support.kit_app import APP

STATIC = APP / "static"
STYLE = "p { color: red }\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "css/style.css": STYLE,
        "js/tiny.js": "1",
        "img/a.svg": '<svg a="#1"/>',
        "js/READ.md": "x",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "img/b.png").write_bytes(bytes(2000))
    (tmp_path / ".secret").write_text("x")
    return tmp_path


@pytest.fixture
def kit(folder: Path) -> tuple[Client, Assets]:
    app = Flask("assets", static_folder=None)
    found = assets.install(app, [folder], lambda view: view)
    return app.test_client(), found


def test_a_file_is_found_under_its_hashed_name_and_kept_for_a_year(kit: tuple[Client, Assets]) -> None:
    client, found = kit
    url = found.url("css/style.css")
    assert re.fullmatch(r"/static/css/style\.[0-9a-f]{10}\.css", url)
    response = client.get(url)
    assert response.get_data(as_text=True) == STYLE
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    ["css/style.css", "css/style.0000000000.css", "../conftest.py", "js/READ.md", ".secret", "css", "", "%2e%2e/x"],
)
def test_any_other_name_is_not_found(kit: tuple[Client, Assets], path: str) -> None:
    assert kit[0].get(f"/static/{path}").status_code == 404


def test_notes_and_hidden_files_are_not_published(kit: tuple[Client, Assets]) -> None:
    for name in ("js/READ.md", ".secret"):
        with pytest.raises(UnknownAssetError):
            kit[1].url(name)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("br;q=0, gzip;q=0", None),
        ("", None),
    ],
)
def test_the_browser_chooses_the_encoding(kit: tuple[Client, Assets], accepted: str, encoding: str | None) -> None:
    response = kit[0].get(kit[1].url("css/style.css"), headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    body = response.get_data()
    plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding or "", bytes)(body)
    assert plain.decode() == STYLE
    assert int(response.headers["Content-Length"]) == len(body)


def test_each_form_has_its_own_etag_which_is_honoured(kit: tuple[Client, Assets]) -> None:
    client, found = kit
    url = found.url("css/style.css")
    etags = {client.get(url, headers={"Accept-Encoding": name}).headers["ETag"] for name in ("br", "gzip", "identity")}
    assert len(etags) == 3
    for etag in etags:
        encoding = etag.strip('"').partition("-")[2] or "identity"
        again = client.get(url, headers={"Accept-Encoding": encoding, "If-None-Match": etag})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["Cache-Control"].endswith("immutable")
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_gets_no_shorter_is_sent_as_it_is(kit: tuple[Client, Assets]) -> None:
    client, found = kit
    assert "Content-Encoding" not in client.get(found.url("js/tiny.js"), headers={"Accept-Encoding": "br"}).headers
    picture = client.get(found.url("img/b.png"), headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in picture.headers
    assert "Vary" not in picture.headers


def test_each_form_is_made_once(kit: tuple[Client, Assets]) -> None:
    asset = kit[1].find(kit[1].url("css/style.css").removeprefix("/static/"))
    assert asset is not None
    assert asset.br is asset.br
    assert asset.gzip is asset.gzip


def test_a_later_folder_wins(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "js").mkdir()
    (other / "js/tiny.js").write_text("2")
    assert Assets([folder, other]).url("js/tiny.js") != Assets([folder]).url("js/tiny.js")
    assert Assets([folder, other]).url("css/style.css") == Assets([folder]).url("css/style.css")


def test_a_small_picture_can_stand_in_the_page(kit: tuple[Client, Assets]) -> None:
    assert kit[1].data_uri("img/a.svg") == "data:image/svg+xml,%3Csvg a=%22%231%22/%3E"


def test_the_guard_is_put_on_the_view(folder: Path) -> None:
    app = Flask("assets", static_folder=None)
    seen = []
    assets.install(app, [folder], lambda view: seen.append(view.__name__) or view)
    assert seen == ["static"]


# Our own files


def test_the_stylesheet_keeps_its_budget() -> None:
    assert len(gzip.compress((STATIC / "css/style.css").read_bytes(), 9)) <= 6_000


def test_style_and_scripts_together_leave_room_for_the_page() -> None:
    """A first visit, prefetch included, has 26,000 bytes; five answers' headers and the page itself take the rest."""
    paths = [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]
    assert sum(len(brotli.compress(path.read_bytes(), quality=11)) for path in paths) <= 20_500


def test_the_stylesheet_layers_are_in_their_order_and_hold_everything() -> None:
    style = (STATIC / "css/style.css").read_text()
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    assert "@layer tokens, base, layout, components, states;" in style
    assert re.findall(r"^@layer (\w+) \{", style, re.MULTILINE) == ["tokens", "base", "layout", "components", "states"]
    assert re.findall(r"^(?!@layer|\}|\s|$).*", style, re.MULTILINE) == []


@pytest.mark.parametrize(
    "condition", ["prefers-color-scheme: dark", "forced-colors: active", "prefers-reduced-motion", "print"]
)
def test_the_stylesheet_answers_to_the_persons_settings(condition: str) -> None:
    assert condition in (STATIC / "css/style.css").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("words", "ground", "least"),
    [
        ("ink", "ground", 7),
        ("ink", "surface", 7),
        ("quiet", "ground", 4.5),
        ("quiet", "surface", 4.5),
        ("accent", "ground", 7),
        ("accent", "tint", 4.5),
        ("on-accent", "accent", 7),
        ("on-accent", "accent-deep", 7),
        ("error", "ground", 4.5),
        ("success", "ground", 4.5),
        ("warning", "ground", 4.5),
        ("edge", "ground", 3),
    ],
)
def test_colours_can_be_told_apart(scheme: str, words: str, ground: str, least: float) -> None:
    """WCAG 1.4.3 and 1.4.11; the accent AAA."""
    colours = tokens_of(scheme)
    light, dark = sorted((luminance(colours[words]), luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def tokens_of(scheme: str) -> dict[str, str]:
    """The colours of a scheme; dark ones are written over light ones."""
    style = (STATIC / "css/style.css").read_text()
    light, dark = style.split("@layer base {")[0].split("prefers-color-scheme: dark")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_vendored_script_is_the_one_described() -> None:
    notes = (STATIC / "js/VENDORED.md").read_text()
    digest = hashlib.sha256((STATIC / "js/htmx.min.js").read_bytes()).hexdigest()
    assert digest in notes
    assert "Zero-Clause BSD" in (STATIC / "js/htmx.LICENSE.txt").read_text()

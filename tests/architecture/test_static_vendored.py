"""Scripts of others are the ones that `app/static/js/VENDORED.md` names, byte for byte, with their licence."""

import hashlib
import re

from tests.architecture.tree import ROOT, files, name_of

FOLDER = ROOT / "app" / "static" / "js"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| (?P<version>[\d.]+) \|.*`(?P<licence>[^`]+\.txt)`.*\| `(?P<hash>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
OURS = {"page.js", "webauthn.js"}


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((FOLDER / "VENDORED.md").read_text()))


def test_each_file_is_the_one_named() -> None:
    assert rows()
    for row in rows():
        content = (FOLDER / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["hash"], row["file"]
        assert row["version"] in content.decode()
        assert (FOLDER / row["licence"]).stat().st_size > 0


def test_no_other_script_is_served() -> None:
    scripts = {path.name for path in files("*.js", under="app/static")}
    assert scripts == OURS | {row["file"] for row in rows()}


def test_all_scripts_stand_in_one_folder() -> None:
    assert [name_of(path) for path in files("*.js", "*.mjs", under="app") if path.parent != FOLDER] == []

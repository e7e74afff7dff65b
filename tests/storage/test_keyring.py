"""Keys outside the database: what they seal, only they open, and only for the purpose it was sealed for."""

import base64
import json
import stat
import threading
from pathlib import Path

import pytest

from app.storage.keyring import Keyring, KeyringError

PLAIN = b"+41 79 123 45 67"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


@pytest.fixture
def ring(file: Path) -> Keyring:
    return Keyring.load(file, create=True)


def test_what_was_sealed_is_opened(ring: Keyring) -> None:
    assert ring.open(ring.seal(PLAIN, "phone"), "phone") == PLAIN
    assert ring.open(ring.seal(b"", "phone"), "phone") == b""


def test_it_does_not_hold_what_it_hides_and_looks_different_each_time(ring: Keyring) -> None:
    sealed = [ring.seal(PLAIN, "phone") for _ in range(50)]
    assert len(set(sealed)) == 50
    assert len({value[4:16] for value in sealed}) == 50, "no nonce comes twice"
    assert not any(PLAIN in value for value in sealed)


def test_another_purpose_does_not_open_it(ring: Keyring) -> None:
    with pytest.raises(KeyringError, match="another purpose"):
        ring.open(ring.seal(PLAIN, "phone"), "totp")


def test_every_changed_byte_is_noticed(ring: Keyring) -> None:
    sealed = ring.seal(PLAIN, "phone")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(KeyringError):
            ring.open(bytes(changed), "phone")


@pytest.mark.parametrize("length", [0, 1, 4, 15, 16, 20, 31])
def test_a_stump_is_refused(ring: Keyring, length: int) -> None:
    with pytest.raises(KeyringError):
        ring.open(ring.seal(PLAIN, "phone")[:length], "phone")


def test_another_services_keys_do_not_open_it(ring: Keyring, tmp_path: Path) -> None:
    other = Keyring.load(tmp_path / "other.json", create=True)
    with pytest.raises(KeyringError, match="no key opens"):
        other.open(ring.seal(PLAIN, "phone"), "phone")


def test_a_new_key_seals_and_the_old_one_still_opens(ring: Keyring, file: Path) -> None:
    old = ring.seal(PLAIN, "phone")
    stored = json.loads(file.read_text())
    stored["keys"]["0badcafe"] = base64.b64encode(bytes(range(32))).decode()
    stored["current"] = "0badcafe"
    file.write_text(json.dumps(stored))
    rotated = Keyring.load(file)
    assert rotated.open(old, "phone") == PLAIN
    new = rotated.seal(PLAIN, "phone")
    assert new.startswith(bytes.fromhex("0badcafe"))
    with pytest.raises(KeyringError):
        ring.open(new, "phone")
    assert rotated.mac("index", b"x") == ring.mac("index", b"x"), "what is looked up by its hash is still found"


def test_keyed_hashes_differ_by_key_purpose_and_data(ring: Keyring, tmp_path: Path) -> None:
    other = Keyring.load(tmp_path / "other.json", create=True)
    made = {ring.mac("a", b"x"), ring.mac("b", b"x"), ring.mac("a", b"y"), other.mac("a", b"x"), ring.mac("a\0x", b"")}
    assert len(made) == 5
    assert ring.mac("a", b"x") == ring.mac("a", b"x")


def test_it_is_never_made_unasked(file: Path) -> None:
    with pytest.raises(KeyringError, match=str(file)):
        Keyring.load(file)
    assert not file.exists()


def test_it_is_made_once_and_for_its_owner_only(file: Path, ring: Keyring) -> None:
    assert Keyring.load(file, create=True).open(ring.seal(PLAIN, "x"), "x") == PLAIN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


def test_workers_that_start_at_once_agree(file: Path) -> None:
    rings: list[Keyring] = []
    threads = [threading.Thread(target=lambda: rings.append(Keyring.load(file, create=True))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(rings) == 8
    assert len({ring.mac("a", b"x") for ring in rings}) == 1


KEY = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"not json", b"[]", b'"x"', b"null", b"{}", b"\xff\xfe", b'{"current": "00000000", "keys": {}}',
        json.dumps({"current": "00000000", "keys": {}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"11111111": KEY}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": "c2hvcnQ="}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": KEY}, "mac": "c2hvcnQ="}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": "not base64!"}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": 5}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": [KEY], "mac": KEY}).encode(),
        json.dumps({"current": ["00000000"], "keys": {"00000000": KEY}, "mac": KEY}).encode(),
        json.dumps({"current": "main", "keys": {"main": KEY}, "mac": KEY}).encode(),
        json.dumps({"current": "00", "keys": {"00": KEY}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": KEY, "zz": KEY}, "mac": KEY}).encode(),
        json.dumps({"current": "00000000", "keys": {"00000000": KEY}}).encode(),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    with pytest.raises(KeyringError, match=str(file)) as caught:
        Keyring.load(file, create=True)
    assert KEY not in str(caught.value)
    assert file.read_bytes() == content, "and left as it is"


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyringError):
        Keyring.load(tmp_path, create=True)


def test_its_text_form_shows_no_key(ring: Keyring) -> None:
    shown = repr(ring) + str(ring)
    assert not any(repr(key)[2:-1] in shown or key.hex() in shown for key in [*ring.keys.values(), ring.mac_key])

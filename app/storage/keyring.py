"""Keys that live outside the database: sealing of secrets at rest (AES-256-GCM) and keyed hashes.

The file is JSON: `{"current": "<id>", "keys": {"<id>": "<base64 of 32 bytes>"}}`. The current key seals; every key
opens. Keyed hashes are made by a key of their own that is never rotated with the others, because what they index
(codes, look-ups) could not be found again.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4
KEY_ID = re.compile(f"[0-9a-f]{{{2 * ID_BYTES}}}")


class KeyringError(Exception):
    """The key file is missing or malformed, or a sealed value was not sealed by us for this purpose."""


@dataclass(frozen=True, repr=False)
class Keyring:
    """The keys of one service. Its text form never shows them."""

    current: str
    keys: dict[str, bytes]
    mac_key: bytes

    @classmethod
    def load(cls, path: Path, *, create: bool = False) -> "Keyring":
        """Read the key file; with `create`, make one first where there is none. KeyringError when it cannot be read."""
        if create and not path.exists():
            _write_new(path)
        try:
            stored = json.loads(path.read_text("utf-8"))
            keys = {key_id: base64.b64decode(text, validate=True) for key_id, text in stored["keys"].items()}
            ring = cls(str(stored["current"]), keys, base64.b64decode(stored["mac"], validate=True))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyringError(f"the key file {path} cannot be read") from error
        lengths = {len(key) for key in [*keys.values(), ring.mac_key]}
        if ring.current not in keys or lengths != {KEY_BYTES} or not all(map(KEY_ID.fullmatch, keys)):
            raise KeyringError(f"the key file {path} does not hold what it should")
        return ring

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt `plain`; only `open` with the same purpose gives it back."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = AESGCM(self.keys[self.current]).encrypt(nonce, plain, purpose.encode())
        return bytes.fromhex(self.current) + nonce + body

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what `seal` made. KeyringError when it was changed, made for another purpose, or its key is gone."""
        key = self.keys.get(sealed[:ID_BYTES].hex())
        if key is None:
            raise KeyringError("no key opens this value")
        nonce, body = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, body, purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyringError("the value was changed or sealed for another purpose") from error

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A keyed hash (HMAC-SHA-256) of `data`, kept apart from the others by its purpose."""
        return hmac.new(self.mac_key, purpose.encode() + b"\0" + data, hashlib.sha256).digest()

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r}, {len(self.keys)} keys)"


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key_id = secrets.token_bytes(ID_BYTES).hex()
    encoded = {name: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for name in ("key", "mac")}
    content = json.dumps({"current": key_id, "keys": {key_id: encoded["key"]}, "mac": encoded["mac"]}, indent=1)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{key_id}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    try:
        # link() refuses to replace: of several workers that start at once, one makes the file and all read it.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()

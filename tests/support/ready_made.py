"""What the credential services of a test run share, because it takes long to make: tables, compiled templates, keys.

They are what each would make for itself; nothing here is written to, and nothing is told of one test to another.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from joserfc.jwk import RSAKey

from app.credential_service import signing_keys
from app.credential_service.store.all import MIGRATIONS
from app.credential_service.store.base import store
from app.storage.engine import make_engine

SQLITE = "sqlite:///"
REAL = signing_keys.new_key


class Compiled(BytecodeCache):
    """Templates compiled once a process. Jinja asks by name, and takes what it gets for the very same source only."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._held:
            bucket.bytecode_from_string(self._held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def furnish(app: Flask, database_url: str) -> None:
    """Give a credential service its templates and its empty tables."""
    app.jinja_env.bytecode_cache = COMPILED
    if database_url.startswith(SQLITE):
        Path(database_url.removeprefix(SQLITE)).write_bytes(_empty_tables())
        return
    with app.app_context():
        store.create_all()


@cache
def _empty_tables() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite3"
        engine = make_engine(f"{SQLITE}{file}")
        MIGRATIONS.metadata.create_all(engine)
        engine.dispose()
        return file.read_bytes()


def hand_out_keys(patch: pytest.MonkeyPatch) -> None:
    """Let every test be given the same real keys, its first, its second and so on, instead of making its own."""
    given: list[RSAKey] = []

    def next_key() -> RSAKey:
        given.append(_key(len(given)))
        return given[-1]

    patch.setattr(signing_keys, "new_key", next_key)


@cache
def _key(number: int) -> RSAKey:
    return REAL()

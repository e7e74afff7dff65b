"""Static files: read once, named after their content, compressed once, and cached by browsers for a year.

Replaces Flask's own static route, which revalidates and does not compress. What pages look like is not decided here.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import brotli
from flask import Flask, Response, abort, request

from app.web.compression import choose_encoding, is_text

PREFIX = "/static/"
HASH_CHARACTERS = 10
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
# The system's own table differs between machines, and these are all the kinds we serve.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
NOT_SERVED = frozenset({".md"})

View = Callable[[str], Response]


class UnknownAssetError(LookupError):
    """A template asked for a static file that does not exist."""


class Asset:
    """One file: its bytes, its public name, and its compressed forms, each made when first asked for."""

    def __init__(self, name: str, content: bytes) -> None:
        path = PurePosixPath(name)
        self.content = content
        self.digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
        self.public_name = str(path.with_name(f"{path.stem}.{self.digest}{path.suffix}"))
        self.content_type = (
            CONTENT_TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        )

    @cached_property
    def compressible(self) -> bool:
        """Whether compressing can help; pictures and archives are compressed already."""
        return is_text(self.content_type.partition(";")[0])

    @cached_property
    def br(self) -> bytes:
        """The content in brotli, as small as it gets."""
        body: bytes = brotli.compress(self.content, mode=brotli.MODE_TEXT, quality=11)
        return body

    @cached_property
    def gzip(self) -> bytes:
        """The content in gzip, as small as it gets and the same on every run."""
        return gzip.compress(self.content, compresslevel=9, mtime=0)

    def encoded(self, encoding: str | None) -> tuple[bytes, str | None]:
        """The body in the encoding asked for, and the encoding it has: none where compressing makes it longer."""
        if encoding is None or not self.compressible:
            return self.content, None
        body = self.br if encoding == "br" else self.gzip
        return (body, encoding) if len(body) < len(self.content) else (self.content, None)


class Assets:
    """All static files of a service. Of two folders with the same file, the later one's is served."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._by_name = {name: Asset(name, content) for folder in folders for name, content in _files_of(folder)}
        self._by_public_name = {asset.public_name: asset for asset in self._by_name.values()}

    def find(self, public_name: str) -> Asset | None:
        """The file with this name, hash included; None when there is none, or when its content was another."""
        return self._by_public_name.get(public_name)

    def url(self, name: str) -> str:
        """The path of a file, such as `css/style.css`, with its hash. Raises UnknownAssetError."""
        return PREFIX + self._named(name).public_name

    def data_uri(self, name: str) -> str:
        """A small file as a `data:` address, which costs no request. Raises UnknownAssetError."""
        asset = self._named(name)
        return f"data:{asset.content_type.partition(';')[0]},{quote(asset.content.strip(), safe=_URI_SAFE)}"

    def _named(self, name: str) -> Asset:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownAssetError(name) from None


# Characters that may stand bare in a data address inside a double-quoted attribute; the fewer escapes, the fewer bytes.
_URI_SAFE = " /:=,;()'!*.-_~+@$?"


def _files_of(folder: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and not hidden and path.suffix not in NOT_SERVED:
            yield inside.as_posix(), path.read_bytes()


def install(app: Flask, folders: Iterable[Path], guard_decorator: Callable[[Any], Any]) -> Assets:
    """Serve the folders below /static/ under the given guard; offer `static_url` and `static_data_uri` to templates."""
    assets = Assets(folders)

    def static(name: str) -> Response:
        asset = assets.find(name)
        if asset is None:
            abort(404)
        return _answer(asset)

    app.add_url_rule(f"{PREFIX}<path:name>", endpoint="static", view_func=guard_decorator(static))
    app.jinja_env.globals["static_url"] = assets.url
    app.jinja_env.globals["static_data_uri"] = assets.data_uri
    return assets


def _answer(asset: Asset) -> Response:
    body, encoding = asset.encoded(choose_encoding(request.accept_encodings))
    response = Response(body, content_type=asset.content_type)
    response.headers["Cache-Control"] = CACHE_FOR_EVER
    response.set_etag(f"{asset.digest}-{encoding}" if encoding else asset.digest)
    if asset.compressible:
        response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.make_conditional(request)
    return response

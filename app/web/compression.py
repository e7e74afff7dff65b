"""Compresses pages as they leave, with brotli or gzip as the browser prefers; static files are compressed in assets.

Pages hold secrets (tokens against forgery) beside words that a request may choose, the condition of the BREACH attack:
the tokens are masked anew for each page, so nothing can be learnt from lengths.
"""

import gzip

import brotli
from flask import Flask, Response, request
from werkzeug.datastructures import Accept

SMALLEST = 500  # bytes; below, the header costs what compressing saves
BROTLI_QUALITY = 5  # a page takes well under a millisecond; 11 would take forty times as long
GZIP_LEVEL = 6
TEXT_TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/jwk-set+json",
        "application/manifest+json",
        "application/problem+json",
        "application/xml",
        "image/svg+xml",
    }
)
WITHOUT_BODY = frozenset({204, 205, 304})


def install(app: Flask) -> None:
    """Compress what is worth it. Call before other `after_request` hooks are added: Flask runs the first one last."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The same answer, shorter where the browser can read it so. Streams and encoded bodies are left alone."""
    if not _is_ours_to_compress(response):
        return response
    response.vary.add("Accept-Encoding")
    encoding = choose_encoding(request.accept_encodings)
    body = response.get_data()
    if encoding is None or len(body) < SMALLEST:
        return response
    response.set_data(_encode(body, encoding))
    response.headers["Content-Encoding"] = encoding
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # the same words, no longer the same bytes (RFC 9110 §8.8.3)
    return response


def _is_ours_to_compress(response: Response) -> bool:
    return (
        is_text(response.mimetype)
        and response.status_code >= 200
        and response.status_code not in WITHOUT_BODY
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and "Content-Range" not in response.headers
        and "no-transform" not in response.cache_control
    )


def is_text(mimetype: str | None) -> bool:
    """Whether a media type is text, and so gets shorter."""
    return mimetype is not None and (mimetype.startswith("text/") or mimetype in TEXT_TYPES)


def choose_encoding(accepted: Accept) -> str | None:
    """`br`, `gzip` or None, by the qualities of Accept-Encoding (RFC 9110 §12.5.3); brotli where they are equal."""
    brotli_quality, gzip_quality = accepted["br"], accepted["gzip"]
    best = max(brotli_quality, gzip_quality)
    # Only a stated preference for the plain form counts: unnamed, it is acceptable but nobody asks for it.
    plain_quality = max((quality for name, quality in accepted if name.lower() == "identity"), default=0)
    if best <= 0 or plain_quality > best:
        return None
    return "br" if brotli_quality == best else "gzip"


def _encode(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
    shorter: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
    return shorter

"""Codes of an authenticator app (TOTP, RFC 6238): secrets, checking, and what a person scans or types to set it up.

Keeping the secret sealed, remembering the last step and counting failures are the caller's.
"""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

from app.authenticators.one_time_code import DIGITS, normalise

STEP_SECONDS: Final = 30
SECRET_BYTES: Final = 20
"""160 bits, RFC 4226 §4 R6; SP 800-63B-4 §3.1.4 asks 112."""

_DRIFT: Final = (-1, 0, 1)


def new_secret() -> bytes:
    """A random secret of 160 bits."""
    return secrets.token_bytes(SECRET_BYTES)


def verify(secret: bytes, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step whose code was typed, to be kept as the next `last_step`, or None when the code is refused.

    One step of 30 seconds either side is accepted (RFC 6238 §5.2), none at or before `last_step`: a code works once,
    and one older than a used one not at all. Every candidate is compared, in constant time.
    """
    typed = normalise(code)
    if typed is None:
        return None
    generator = _generator(secret)
    current = step_at(now)
    accepted = None
    for step in (current + drift for drift in _DRIFT):
        if hmac.compare_digest(generator.generate_otp(step), typed) and (last_step is None or step > last_step):
            # The latest of equal codes: an earlier one would leave the same digits good for a second use.
            accepted = step
    return accepted


def step_at(now: datetime) -> int:
    """The number of the 30-second step that an aware time falls in (T of RFC 6238 §4.2)."""
    return int(now.timestamp()) // STEP_SECONDS


def provisioning_uri(secret: bytes, *, issuer: str, label: str) -> str:
    """The `otpauth://` address that an authenticator app reads; `label` is the account's name there."""
    return _generator(secret).provisioning_uri(name=label, issuer_name=issuer)


def typed_key(secret: bytes) -> str:
    """The secret for typing: base32 in groups of four, apart by spaces that apps ignore."""
    text = _base32(secret)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_svg(uri: str, *, title: str, css_class: str = "qr") -> str:
    """An SVG image of the address for embedding in HTML, named `title` to assistive technology.

    No inline style, which the content security policy forbids, and no size: the class gives it. The light ground is
    drawn, since a scanner cannot read a dark-mode page through the gaps.
    """
    image = segno.make(uri, error="m", micro=False).svg_inline(
        title=title, svgclass=css_class, lineclass=None, omitsize=True, dark="#000", light="#fff"
    )
    return image.replace("<svg ", '<svg role="img" ', 1)


def _generator(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(_base32(secret), digits=DIGITS, interval=STEP_SECONDS)


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode("ascii").rstrip("=")

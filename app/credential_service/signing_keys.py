"""The keys of ID tokens and signed userinfo: made at first need, rotated, published, and asked about hints."""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.credential_service.audit_events import SigningKeyMade, record
from app.credential_service.store.signing_keys import SigningKey
from app.storage.keyring import Keyring

ALGORITHM: Final = "RS256"
RSA_BITS: Final = 2048
ID_TOKEN_LIFE: Final = timedelta(minutes=10)
CACHED_FOR: Final = timedelta(minutes=5)
"""How long a relying party may keep the key set."""
PUBLISHED_AFTER_RETIREMENT: Final = ID_TOKEN_LIFE + 2 * CACHED_FOR
PURPOSE: Final = "signing-key"


def signing_key(work: Session, keyring: Keyring, now: datetime) -> RSAKey:
    """The key that signs now, made if there is none. KeyringError when it was sealed by another key file."""
    row = _current(work)
    return _opened(keyring, row if row is not None else _make(work, keyring, now))


def _current(session: Session) -> SigningKey | None:
    signs = select(SigningKey).where(SigningKey.retired_at.is_(None))
    # Where two processes started at once there may be two; all choose the same.
    return session.scalars(signs.order_by(SigningKey.created_at.desc(), SigningKey.kid).limit(1)).first()


def _make(work: Session, keyring: Keyring, now: datetime) -> SigningKey:
    key = new_key()
    kid = str(key.kid)
    sealed = keyring.seal(key.as_pem(private=True), f"{PURPOSE}:{kid}")
    row = SigningKey(kid=kid, public_jwk=key.as_dict(private=False), sealed_private=sealed, created_at=now)
    work.add(row)
    work.flush()
    record(work, SigningKeyMade(key=kid), now)
    return row


def new_key() -> RSAKey:
    """A new key under a random name."""
    return RSAKey.generate_key(RSA_BITS, {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM}, private=True)


def _opened(keyring: Keyring, row: SigningKey) -> RSAKey:
    return _parsed(row.kid, keyring.open(row.sealed_private or b"", f"{PURPOSE}:{row.kid}"))


@lru_cache(maxsize=4)
def _parsed(kid: str, pem: bytes) -> RSAKey:
    # Reading a private key checks it, which takes longer than signing with it.
    return RSAKey.import_key(pem, {"kid": kid, "use": "sig", "alg": ALGORITHM})


def rotate(work: Session, keyring: Keyring, now: datetime) -> str:
    """Make a key that signs from now on and return its id.

    The one before stays published until everything it signed has expired, its private part is erased.
    """
    for row in work.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))):
        row.retired_at, row.published_until = now, now + PUBLISHED_AFTER_RETIREMENT
        row.sealed_private = None
    work.flush()
    return _make(work, keyring, now).kid


def published(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The public keys that relying parties may meet, the newest first (RFC 7517)."""
    valid = or_(SigningKey.published_until.is_(None), SigningKey.published_until > now)
    return list(session.scalars(select(SigningKey.public_jwk).where(valid).order_by(SigningKey.created_at.desc())))


def own_claims(session: Session, token: str, issuer: str) -> dict[str, Any] | None:
    """The claims of an ID token that we signed, however old; None when it is none of ours.

    For hints only (OIDC Core §3.1.2.1, RP-Initiated Logout §2): nobody gains anything by one.
    """
    keys = KeySet([RSAKey.import_key(jwk) for jwk in session.scalars(select(SigningKey.public_jwk))])
    try:
        claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    named = isinstance(claims.get("sub"), str) and isinstance(claims.get("aud"), str | list)
    return dict(claims) if claims.get("iss") == issuer and named else None

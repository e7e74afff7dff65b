"""Authorization codes, access tokens, and the client assertions that were used. Secrets are kept as hashes."""

import hashlib
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.storage.types import UtcDateTime

CHALLENGE_METHOD = "S256"


def hash_of(secret: str) -> str:
    """What stands in a table for a random secret of 256 bits: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class AuthorizationCode(Base):
    """One code, bound to its client, redirect URI, challenge, session and consent. Its methods are what Authlib asks.

    `sealed_code` is the code itself, sealed, so that a lost answer can be given again; it goes when the code is spent.
    `silent` says that nobody was shown a page.
    """

    __tablename__ = "authorization_code"
    __table_args__ = (Index("ix_authorization_code_session_client", "session_id", "client_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_code: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    interaction_id: Mapped[str | None] = mapped_column(String(43), index=True, default=None)
    client_id: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), index=True)
    session_id: Mapped[str] = mapped_column(String(36), ForeignKey("account_session.id"))
    consent_id: Mapped[str] = mapped_column(String(36), ForeignKey("consent.id"), index=True)
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    items: Mapped[str] = mapped_column(String(120))
    nonce: Mapped[str | None] = mapped_column(Text, default=None)
    code_challenge: Mapped[str] = mapped_column(String(128))
    acr: Mapped[str] = mapped_column(String(120))
    amr: Mapped[str] = mapped_column(String(80))
    authenticated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    silent: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    code_challenge_method = CHALLENGE_METHOD

    def get_redirect_uri(self) -> str:
        """Where the code was sent; the token request has to name the same."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The scopes that were granted."""
        return self.scope

    def get_nonce(self) -> str | None:
        """The nonce of the request, for the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person authenticated, in seconds since 1970."""
        return int(self.authenticated_at.timestamp())

    def get_acr(self) -> str:
        """The authentication context class that was met."""
        return self.acr

    def get_amr(self) -> list[str]:
        """How the person authenticated (RFC 8176)."""
        return self.amr.split()


class AccessToken(Base):
    """One opaque access token, good for the userinfo endpoint and nothing else."""

    __tablename__ = "access_token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_id: Mapped[str] = mapped_column(String(36), ForeignKey("authorization_code.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"))
    consent_id: Mapped[str] = mapped_column(String(36), ForeignKey("consent.id"), index=True)
    scope: Mapped[str] = mapped_column(Text)
    items: Mapped[str] = mapped_column(String(120))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class UsedAssertion(Base):
    """The `jti` of a client's assertion, kept until the assertion expires: each is good once (RFC 7523 §3)."""

    __tablename__ = "used_assertion"

    client_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

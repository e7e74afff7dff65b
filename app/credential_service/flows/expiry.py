"""Erasing what is past its time: what waited in browsers, codes, tokens and used assertions. Called by the worker."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.credential_service.flows.codes import TOKEN_LIFE
from app.credential_service.flows.throttling import LASTING
from app.credential_service.store.base import counters
from app.credential_service.store.interactions import Interaction
from app.credential_service.store.registrations import Registration
from app.credential_service.store.sign_ins import SignIn
from app.credential_service.store.tokens import AccessToken, AuthorizationCode, UsedAssertion
from app.storage.erasing import erase
from app.storage.failures import erase_old

KEPT_AFTER: Final = timedelta(days=1)
"""How long a code is known as spent after it expired; tokens that came of it are dead long before."""


def erase_expired(work: Session, now: datetime) -> int:
    """Erase, in the caller's unit of work, and say how many rows. Sealed codes go as soon as they are useless."""
    sealed = (AuthorizationCode.expires_at <= now, AuthorizationCode.sealed_code.is_not(None))
    work.execute(update(AuthorizationCode).where(*sealed).values(sealed_code=None))
    # Tokens before the codes that they refer to.
    expired = (
        delete(Interaction).where(Interaction.expires_at <= now),
        delete(AccessToken).where(AccessToken.expires_at <= now - KEPT_AFTER),
        delete(AuthorizationCode).where(AuthorizationCode.expires_at <= now - KEPT_AFTER - TOKEN_LIFE),
        delete(UsedAssertion).where(UsedAssertion.expires_at <= now),
        delete(Registration).where(Registration.expires_at <= now),
        delete(SignIn).where(SignIn.expires_at <= now),
    )
    return erase(work, expired) + erase_old(work, counters, LASTING, now)

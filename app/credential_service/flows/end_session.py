"""Signing out at a relying party's wish (OpenID Connect RP-Initiated Logout 1.0): what is believed, and where it leads.

Nobody is sent anywhere but to an address registered for the client that a valid hint names. Without such a hint the
person is asked, and then offered a link at most. Authlib's endpoint is not used: it gives up on hints whose `aud` is a
list, and follows a client_id without asking whether anybody has agreed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.credential_service.clients import Client
from app.credential_service.context import CredentialService
from app.credential_service.errors import LOGOUT_NOT_BELIEVED, UNKNOWN_LOGOUT_REDIRECT
from app.credential_service.signing_keys import own_claims
from app.credential_service.store.accounts import Account, AccountSession
from app.domain.errors import Refused

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")


@dataclass(frozen=True)
class Logout:
    """A wish that is in order. `subject` is whom a valid hint names; `returns_to` is registered for `client`."""

    client: Client | None
    subject: str | None
    returns_to: str | None


def check(running: CredentialService, session: Session, given: Mapping[str, Sequence[str]]) -> Logout:
    """The wish, if it can be believed. Refused, and nobody sent anywhere, when it is malformed or not registered."""
    if any(len(given.get(name, ())) > 1 for name in PARAMETERS):
        raise Refused(LOGOUT_NOT_BELIEVED)
    values = {name: given[name][0] for name in PARAMETERS if given.get(name) and given[name][0]}
    hint = values.get("id_token_hint")
    claims = own_claims(session, hint, running.issuer) if hint is not None else None
    if hint is not None and claims is None:
        raise Refused(LOGOUT_NOT_BELIEVED)
    client = _client(running, values.get("client_id"), claims)
    address = values.get("post_logout_redirect_uri")
    if address is not None and (client is None or address not in client.settings.post_logout_redirect_uris):
        raise Refused(UNKNOWN_LOGOUT_REDIRECT)
    subject = str(claims["sub"]) if claims is not None else None
    return Logout(client, subject, _with_state(address, values.get("state")))


def _client(running: CredentialService, named: str | None, claims: Mapping[str, Any] | None) -> Client | None:
    """The client of the wish: the one that is named, which the hint has to be for, or the one the hint is for."""
    if claims is None:
        return running.clients.find(named)
    audience = claims["aud"]
    audiences = [audience] if isinstance(audience, str) else [one for one in audience if isinstance(one, str)]
    if named is not None and named not in audiences:
        raise Refused(LOGOUT_NOT_BELIEVED)
    # With several audiences and no name, `azp` says who asked for the token (OIDC Core §2).
    wanted = named or (audiences[0] if len(audiences) == 1 else str(claims.get("azp") or ""))
    return running.clients.find(wanted)


def _with_state(address: str | None, state: str | None) -> str | None:
    if address is None or state is None:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'state': state})}"


def needs_asking(session: Session, wish: Logout, found: AccountSession | None) -> bool:
    """Whether the person has to say so: somebody is signed in, and no hint names them (§6: denial of service)."""
    if found is None:
        return False
    account = session.get(Account, found.account_id)
    return wish.subject is None or account is None or account.subject != wish.subject

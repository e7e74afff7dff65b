"""Reading an authorization request (OIDC Core §3.1.2): what is wrong with it is told the client, or else the person.

The client and its redirect URI are settled first, since only then may anything be sent there. What Authlib knows to
check it checks; it would answer some malformed requests with an exception, so those never reach it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from app.credential_service.clients import RESPONSE_TYPE, Client
from app.credential_service.context import CredentialService
from app.credential_service.errors import UNKNOWN_CLIENT, UNKNOWN_REDIRECT
from app.credential_service.flows.requests import AuthorizationRequest, RedirectedError
from app.credential_service.profiles import ACR_VALUES, items_of_claims, met_acr
from app.credential_service.provider import ProtocolRequest, Provider
from app.credential_service.signing_keys import own_claims
from app.domain.errors import Refused

Parameters = Mapping[str, Sequence[str]]
"""The parameters as they came: each name with all its values."""

PROMPTS: Final = ("none", "login", "consent", "select_account", "create")
MAX_AGE: Final = re.compile(r"[0-9]{1,9}")
LONGEST_VALUE: Final = 3000
# Registered parameters that we do not support have answers of their own (OIDC Core §3.1.2.6, §6, §7.2.1).
UNSUPPORTED: Final = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
SINGLE: Final = (
    "acr_values", "claims", "code_challenge", "code_challenge_method", "id_token_hint", "login_hint", "max_age",
    "nonce", "op", "prompt", "response_mode", "response_type", "scope", "state", "ui_locales",
)  # fmt: skip


class _Mistake(Exception):
    """What is wrong, before it is known where to say so."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


def check(running: CredentialService, session: Session, given: Parameters, now: datetime) -> AuthorizationRequest:
    """The request, if everything about it is in order.

    Refused when it cannot be answered at its redirect URI, RedirectedError when it is refused there.
    """
    client, redirect_uri = _addressed(running, given)
    state = _first(given, "state") if len(given.get("state", ())) == 1 else None
    try:
        _check_shape(given)
        values = {name: found[0] for name, found in given.items() if found and found[0]}
        scope = _checked_by_authlib(Provider(running, session, now), values)
        return _read(running, session, client, values | {"redirect_uri": redirect_uri}, scope, state)
    except _Mistake as mistake:
        raise RedirectedError(mistake.error, mistake.description, redirect_uri, state) from None


def _addressed(running: CredentialService, given: Parameters) -> tuple[Client, str]:
    client = running.clients.find(_first(given, "client_id"))
    if client is None or len(given["client_id"]) > 1:
        raise Refused(UNKNOWN_CLIENT)
    redirect_uri = _first(given, "redirect_uri")
    if redirect_uri is None or len(given["redirect_uri"]) > 1 or not client.check_redirect_uri(redirect_uri):
        raise Refused(UNKNOWN_REDIRECT)
    return client, redirect_uri


def _first(given: Parameters, name: str) -> str | None:
    found = given.get(name)
    return found[0] if found else None


def _check_shape(given: Parameters) -> None:
    for name, error in UNSUPPORTED.items():
        if name in given:
            raise _Mistake(error, f"The parameter {name} is not supported.")
    for name in SINGLE:
        if len(given.get(name, ())) > 1:
            raise _Mistake("invalid_request", f"The parameter {name} was given more than once.")
        if len(_first(given, name) or "") > LONGEST_VALUE:
            raise _Mistake("invalid_request", f"The parameter {name} is too long.")
    _check_response(given)


def _check_response(given: Parameters) -> None:
    response_type = _first(given, "response_type")
    if not response_type:
        raise _Mistake("invalid_request", "The response_type is missing.")
    if response_type != RESPONSE_TYPE:
        raise _Mistake("unsupported_response_type", "The only response_type is code.")
    if _first(given, "response_mode") not in (None, "", "query"):
        raise _Mistake("invalid_request", "The only response_mode is query.")


def _checked_by_authlib(provider: Provider, values: Mapping[str, str]) -> str:
    """Client, redirect URI, scope and challenge. Gives the scopes that are granted."""
    try:
        grant = provider.get_consent_grant(ProtocolRequest("GET", values))
    except OAuth2Error as error:
        raise _Mistake(str(error.error), str(error.get_error_description())) from None
    return str(grant.request.scope)


def _read(
    running: CredentialService,
    session: Session,
    client: Client,
    values: Mapping[str, str],
    scope: str,
    state: str | None,
) -> AuthorizationRequest:
    prompts = _prompts(values.get("prompt", ""))
    claims = _claims(values.get("claims", "{}"))
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=values["redirect_uri"],
        state=state,
        scope=scope,
        items=tuple(sorted(client.profile.items(scope) | items_of_claims(claims.get("userinfo") or {}))),
        acr=_acr(claims, values.get("acr_values", "")),
        code_challenge=values["code_challenge"],
        nonce=values.get("nonce"),
        prompts=prompts,
        register="create" in prompts or values.get("op") == "signup",
        max_age=_max_age(values.get("max_age")),
        login_hint=values.get("login_hint"),
        subject=_subject(running, session, claims, values.get("id_token_hint")),
    )


def _prompts(value: str) -> tuple[str, ...]:
    prompts = tuple(value.split())
    if not set(prompts) <= set(PROMPTS):
        raise _Mistake("invalid_request", "The prompt is unknown.")
    if "none" in prompts and len(prompts) > 1:
        raise _Mistake("invalid_request", "The prompt none stands alone.")
    return prompts


def _claims(value: str) -> dict[str, Any]:
    """The `claims` parameter (OIDC Core §5.5): an object of objects whose members are null or objects."""
    malformed = _Mistake("invalid_request", "The claims parameter is malformed.")
    try:
        claims = json.loads(value)
    except (ValueError, RecursionError):
        raise malformed from None
    if not isinstance(claims, dict):
        raise malformed
    for part in (claims.get("userinfo"), claims.get("id_token")):
        if part is not None and not (isinstance(part, dict) and all(map(_is_wish, part.values()))):
            raise malformed
    return claims


def _is_wish(member: object) -> bool:
    return member is None or isinstance(member, dict)


def _id_token_claim(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return (claims.get("id_token") or {}).get(name) or {}


def _acr(claims: Mapping[str, Any], wished: str) -> str:
    asked = _id_token_claim(claims, "acr")
    values = asked.get("values", [asked["value"]] if "value" in asked else [])
    named = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
    if asked.get("essential") is True and named and not set(named) & set(ACR_VALUES):
        # OIDC Core §5.5.1.1, with the code of OpenID Connect Core Unmet Authentication Requirements 1.0.
        raise _Mistake("unmet_authentication_requirements", "None of the required acr values can be met.")
    return met_acr(" ".join([*named, wished]))


def _max_age(value: str | None) -> int | None:
    if value is None:
        return None
    if not MAX_AGE.fullmatch(value):
        raise _Mistake("invalid_request", "The max_age is not a number of seconds.")
    return int(value)


def _subject(running: CredentialService, session: Session, claims: Mapping[str, Any], hint: str | None) -> str | None:
    """Who has to be the one who signs in, where the client says so (OIDC Core §3.1.2.1 and §5.5.1)."""
    asked = _id_token_claim(claims, "sub").get("value")
    if hint is None:
        return str(asked) if asked is not None else None
    hinted = own_claims(session, hint, running.issuer)
    if hinted is None:
        raise _Mistake("invalid_request", "The id_token_hint is not an ID token of this provider.")
    if asked is not None and asked != hinted["sub"]:
        raise _Mistake("invalid_request", "The id_token_hint and the claims parameter name different people.")
    return str(hinted["sub"])

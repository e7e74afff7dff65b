"""How a waiting request ends: with a code, with the person's no, or, if its answer was lost, with the same again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.credential_service.audit_events import ConsentDeclined, client_key, record
from app.credential_service.context import CredentialService
from app.credential_service.errors import ALREADY_ANSWERED, GOING_ROUND, UNKNOWN_CLIENT
from app.credential_service.flows.codes import Grant, code_again, silent_codes
from app.credential_service.flows.consents import give, sharable
from app.credential_service.flows.interactions import (
    Authenticate,
    Ready,
    Step,
    decide,
    find,
    open_interaction,
)
from app.credential_service.flows.requests import AuthorizationRequest, RedirectedError, answer_url
from app.credential_service.provider import ProtocolRequest, Provider
from app.credential_service.store.accounts import Account, AccountSession
from app.credential_service.store.interactions import Interaction
from app.credential_service.store.tokens import CHALLENGE_METHOD
from app.domain.errors import Refused

REPEATABLE: Final = timedelta(seconds=120)
LOOP_TIME: Final = timedelta(seconds=10)
LOOP_TURNS: Final = 10
CODE, DECLINED = "code", "declined"


@dataclass(frozen=True)
class Waiting:
    """The request waits in the browser under this id; `step` says for what."""

    interaction_id: str
    step: Step


@dataclass(frozen=True)
class Choice:
    """What a person said on the consent page. `email_id` is the chosen address; `request_key` recognises the POST."""

    agreed: bool
    email_id: str | None
    request_key: str


def begin(
    running: CredentialService,
    work: Session,
    request: AuthorizationRequest,
    browser_key: str,
    session: AccountSession | None,
    now: datetime,
) -> Waiting | str:
    """Answer a new request at once, by the client's address with a code, or let it wait.

    RedirectedError when the client is told no; Refused when client and browser send each other round and round.
    """
    step = decide(work, request, now, session, now)
    if isinstance(step, Ready):
        if silent_codes(work, step.session.id, request.client_id, now - LOOP_TIME) >= LOOP_TURNS:
            raise Refused(GOING_ROUND)
        return send_code(running, work, Grant(request, step.session, step.consent), now)
    return Waiting(open_interaction(work, request, browser_key, now).id, step)


def send_code(running: CredentialService, work: Session, grant: Grant, now: datetime) -> str:
    """The client's address with a new code for what was granted."""
    request = grant.request
    provider = Provider(running, work, now)
    values = {
        "response_type": "code",
        "client_id": request.client_id,
        "redirect_uri": request.redirect_uri,
        "scope": request.scope,
        "code_challenge": request.code_challenge,
        "code_challenge_method": CHALLENGE_METHOD,
        **({"state": request.state} if request.state else {}),
    }
    protocol_request = ProtocolRequest("GET", values)
    authlib_grant = provider.get_authorization_grant(protocol_request)
    answer = provider.create_authorization_response(protocol_request, grant, authlib_grant)
    if answer.location is None:
        # The settings changed while the request waited: its client or its redirect URI is not there any more.
        raise Refused(UNKNOWN_CLIENT)
    return str(answer.location)


def finish(
    running: CredentialService, work: Session, interaction_id: str, browser_key: str, step: Ready, now: datetime
) -> str:
    """A waiting request whose person was sent on without a question, since an earlier consent covers it."""
    row = find(work, interaction_id, browser_key, now, lock=True)
    row.finished_at, row.outcome = now, CODE
    return send_code(running, work, Grant(step.request, step.session, step.consent, row.id), now)


def answer(
    running: CredentialService,
    work: Session,
    interaction_id: str,
    browser_key: str,
    session: AccountSession | None,
    choice: Choice,
    now: datetime,
) -> Waiting | str:
    """What a person said of a waiting request: the client's address with code or no; Waiting if they have to sign in.

    The same POST within two minutes gets the same address again, as long as its code was not exchanged.
    """
    row = find(work, interaction_id, browser_key, now, lock=True)
    request = AuthorizationRequest.of(row.request)
    if row.finished_at is not None:
        same = bool(choice.request_key) and choice.request_key == row.request_key
        return _again(running, work, row, session if same else None, now)
    step = decide(work, request, row.created_at, session, now)
    if isinstance(step, Authenticate) or session is None:
        return Waiting(row.id, step)
    row.finished_at, row.request_key = now, choice.request_key
    row.outcome = CODE if choice.agreed else DECLINED
    if not choice.agreed:
        record(work, ConsentDeclined(session.account_id, client_key(request.client_id)), now)
        return _declined(running, request)
    # Locked, so that two tabs that agree at once leave one agreement, which can be taken back as one.
    account = work.get_one(Account, session.account_id, with_for_update=True)
    shared = sharable(account, request.items)
    consent = give(work, account.id, request.client_id, shared, choice.email_id, now)
    return send_code(running, work, Grant(request, session, consent, row.id), now)


def given_again(
    running: CredentialService,
    work: Session,
    interaction_id: str,
    browser_key: str,
    session: AccountSession | None,
    now: datetime,
) -> str | None:
    """The code of a request that has one, for a page that was asked for once more; None while it still waits."""
    row = find(work, interaction_id, browser_key, now, lock=True)
    if row.outcome == DECLINED:
        raise Refused(ALREADY_ANSWERED)
    return None if row.finished_at is None else _again(running, work, row, session, now)


def _again(
    running: CredentialService, work: Session, row: Interaction, session: AccountSession | None, now: datetime
) -> str:
    """The same address once more, in the same session and within two minutes. Refused otherwise."""
    if session is None or row.finished_at is None or now >= row.finished_at + REPEATABLE:
        raise Refused(ALREADY_ANSWERED)
    request = AuthorizationRequest.of(row.request)
    if row.outcome == DECLINED:
        return _declined(running, request)
    code = code_again(work, running.keyring, row.id, session.id, now)
    if code is None:
        raise Refused(ALREADY_ANSWERED)
    return answer_url(request.redirect_uri, {"code": code}, request.state, running.issuer)


def _declined(running: CredentialService, request: AuthorizationRequest) -> str:
    refused = RedirectedError("access_denied", "The person declined.", request.redirect_uri, request.state)
    return refused.url(running.issuer)

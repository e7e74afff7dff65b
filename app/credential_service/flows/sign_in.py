"""Sign-in, first step: an address and a password. The rest is in `second_step` and `passkey_alone`."""

from uuid import uuid4

from app.authenticators import passwords, webauthn
from app.authenticators.throttle import Allowed
from app.authenticators.webauthn import Descriptor, Need
from app.credential_service.account_events import AuthenticatorDisabled, record
from app.credential_service.flows.accounts import authenticators_of, by_address, fold, tell_owner
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import party, seal_ceremony
from app.credential_service.flows.sign_ins import LIFE, of_browser, replace
from app.credential_service.flows.throttling import PASSWORD, Subject, attempt, here, is_spent, subject, succeeded
from app.credential_service.store.accounts import Account
from app.credential_service.store.sign_ins import SignIn
from app.storage.unit_of_work import unit_of_work


def give_password(means: Means, browser_key: str, address: str, password: str, request_key: str) -> Answer:
    """Check the password and begin an attempt of this browser. RIGHT, WRONG, Wait or Disabled.

    What is answered depends on what was typed before for this address, never on whether there is an account: an
    unknown address is counted, costs one hash, and is refused like a wrong password (ASVS 6.3.8).
    """
    begun = of_browser(means.session, browser_key, means.now)
    if begun is not None and request_key and begun.start_request_key == request_key:
        return Check.RIGHT
    subjects = (subject(means, PASSWORD, fold(address)), here(means))
    decision = attempt(means, *subjects)
    if not isinstance(decision, Allowed):
        return decision
    account = by_address(means.session, address)
    if account is None:
        passwords.verify_nobody(password)
        _disable_if_spent(means, None, subjects[0])
        return Check.WRONG
    if not passwords.verify(password, account.password_hash):
        _disable_if_spent(means, account, subjects[0])
        return Check.WRONG
    encoded = passwords.hash_password(password) if passwords.needs_rehash(account.password_hash) else None
    with unit_of_work(means.session) as work:
        if encoded is not None:
            account.password_hash = encoded
            work.add(account)
        succeeded(means, work, *subjects)
        replace(work, _new(means, browser_key, account.id, request_key), means.now)
    return Check.RIGHT


def _disable_if_spent(means: Means, account: Account | None, counted: Subject) -> None:
    # Both kinds of failure open one transaction, so that they take the same time.
    with unit_of_work(means.session) as work:
        if is_spent(means, work, counted) and account is not None:
            # The count itself is what disables a password: it stands at its limit until the password is set anew.
            record(work, AuthenticatorDisabled(account=account.id, method="password"), means.now)
            tell_owner(means, work, account.id, "authenticator_disabled", method="password")


def _new(means: Means, browser_key: str, account_id: str, request_key: str) -> SignIn:
    row = SignIn(
        id=str(uuid4()),
        browser_key=browser_key,
        account_id=account_id,
        created_at=means.now,
        expires_at=means.now + LIFE,
        start_request_key=request_key,
        code_serial=0,
    )
    row.sealed_ceremony = new_ceremony(means, row)
    return row


def new_ceremony(means: Means, row: SignIn) -> bytes | None:
    """A challenge for the account's own passkeys; None when it has none. It prefers user verification."""
    keys = [one for one in authenticators_of(means.session, row.account_id or "") if one.credential_id is not None]
    if not keys:
        return None
    allow = [Descriptor(one.credential_id or b"", tuple(one.transports.split())) for one in keys]
    ceremony = webauthn.authentication(party(means), allow=allow, user_verification=Need.PREFERRED)
    return seal_ceremony(means, f"sign_in:{row.id}", ceremony)

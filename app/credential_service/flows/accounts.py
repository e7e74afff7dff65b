"""Finding accounts and what belongs to them; and the notices that tell a person what happened to theirs."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credential_service.flows.means import Means, send_notice
from app.credential_service.store.accounts import Account, Authenticator, EmailAddress, RecoveryCode


def fold(address: str) -> str:
    """The form in which addresses are compared: capitals make no other mailbox anywhere that matters."""
    return address.strip().casefold()


def by_address(session: Session, address: str) -> Account | None:
    """The account with this confirmed address."""
    found = select(Account).join(EmailAddress, EmailAddress.account_id == Account.id)
    return session.scalars(found.where(EmailAddress.folded == fold(address))).one_or_none()


def addresses_of(session: Session, account_id: str) -> Sequence[str]:
    """All confirmed addresses, oldest first."""
    found = select(EmailAddress.address).where(EmailAddress.account_id == account_id)
    return session.scalars(found.order_by(EmailAddress.confirmed_at, EmailAddress.id)).all()


def authenticators_of(session: Session, account_id: str) -> Sequence[Authenticator]:
    """The second steps that work, the last used first."""
    found = select(Authenticator).where(Authenticator.account_id == account_id, Authenticator.disabled_at.is_(None))
    return sorted(session.scalars(found), key=lambda one: one.last_used_at or one.added_at, reverse=True)


def recovery_codes_of(session: Session, account_id: str) -> Sequence[RecoveryCode]:
    """The current sheet, used codes included, in its order."""
    found = select(RecoveryCode).where(RecoveryCode.account_id == account_id)
    return session.scalars(found.order_by(RecoveryCode.id)).all()


def tell_owner(means: Means, work: Session, account_id: str, notice: str, **values: object) -> None:
    """Send a notice to every confirmed address of the account (SP 800-63B-4 §4.6)."""
    for address in addresses_of(work, account_id):
        send_notice(means, work, notice, address, at=means.now, account_url=f"{means.public_url}/account", **values)


def possession(key: Authenticator) -> str:
    """What a passkey proves to be held (RFC 8176): a key in hardware, or one in software that devices may share."""
    return "swk" if key.backup_eligible else "hwk"


def number_purpose(authenticator_id: str) -> str:
    """What a telephone number is sealed for."""
    return f"authenticator:{authenticator_id}:number"


def seed_purpose(authenticator_id: str) -> str:
    """What an authenticator app's secret is sealed for."""
    return f"authenticator:{authenticator_id}:seed"


def number_of(means: Means, authenticator: Authenticator) -> str:
    """The telephone number of a `phone` authenticator, in E.164."""
    return means.keyring.open(authenticator.sealed_secret or b"", number_purpose(authenticator.id)).decode()

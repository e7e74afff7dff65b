"""What the account page shows: read, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credential_service.flows.accounts import addresses_of, authenticators_of, recovery_codes_of
from app.credential_service.store.consents import Consent


@dataclass(frozen=True)
class Shown:
    """A second step that works."""

    kind: str
    ending: str
    added_at: datetime


@dataclass(frozen=True)
class Sharing:
    """A service the person shares with."""

    name: str
    given_at: datetime


@dataclass(frozen=True)
class AccountView:
    """An account as its owner sees it."""

    addresses: Sequence[str]
    ways: Sequence[Shown]
    codes_left: int
    services: Sequence[Sharing]


def look(session: Session, account_id: str, names: Mapping[str, str]) -> AccountView:
    """Everything the page tells. `names` are the relying parties' by client id; one that left keeps its id."""
    standing = select(Consent).where(Consent.account_id == account_id, Consent.ended_at.is_(None))
    consents = session.scalars(standing.order_by(Consent.agreed_at.desc()))
    ways = [Shown(one.kind, one.label, one.added_at) for one in authenticators_of(session, account_id)]
    return AccountView(
        addresses=addresses_of(session, account_id),
        ways=ways,
        codes_left=sum(code.used_at is None for code in recovery_codes_of(session, account_id)),
        services=[Sharing(names.get(one.client_id, one.client_id), one.agreed_at) for one in consents],
    )

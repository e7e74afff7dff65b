"""What the account page shows: read, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.credential_service.flows.accounts import addresses_of, authenticators_of, recovery_codes_of
from app.credential_service.flows.consents import standing


@dataclass(frozen=True)
class Shown:
    """A second step that works."""

    kind: str
    ending: str
    added_at: datetime


@dataclass(frozen=True)
class Sharing:
    """A service the person shares with. `id` is the agreement's."""

    id: str
    name: str
    given_at: datetime


@dataclass(frozen=True)
class AccountView:
    """An account as its owner sees it."""

    addresses: Sequence[str]
    ways: Sequence[Shown]
    codes_left: int
    services: Sequence[Sharing]


def look(session: Session, account_id: str, names: Mapping[str, str], now: datetime) -> AccountView:
    """Everything the page tells. `names` are the relying parties' by client id; one that left keeps its id."""
    ways = [Shown(one.kind, one.label, one.added_at) for one in authenticators_of(session, account_id)]
    return AccountView(
        addresses=addresses_of(session, account_id),
        ways=ways,
        codes_left=sum(code.used_at is None for code in recovery_codes_of(session, account_id)),
        services=[
            Sharing(one.id, names.get(one.client_id, one.client_id), one.agreed_at)
            for one in standing(session, account_id, now)
        ],
    )

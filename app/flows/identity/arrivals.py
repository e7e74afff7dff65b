"""Arrivals: what a provider said, kept sealed until the person agrees, declines, or fifteen minutes are over."""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.identity.arrival import ARRIVAL_LIFETIME, REPEAT_WINDOW, ProviderClaims
from app.models.sign_in import Arrival
from app.storage.keyring import Keyring

PURPOSE = "arrival"


def keep(
    work: Session,
    keyring: Keyring,
    claims: ProviderClaims,
    id_token: str,
    browser_key: str,
    state_hash: str,
    now: datetime,
) -> Arrival:
    """Keep what the provider said. An earlier open arrival of the same browser is erased: the last one counts."""
    work.execute(
        update(Arrival)
        .where(Arrival.browser_key == browser_key, Arrival.finished_at.is_(None))
        .values(sealed_claims=None, finished_at=now)
    )
    text = json.dumps({"claims": asdict(claims), "id_token": id_token})
    arrival = Arrival(
        browser_key=browser_key,
        state_hash=state_hash,
        provider=claims.provider,
        sealed_claims=keyring.seal(text.encode(), PURPOSE),
        created_at=now,
        expires_at=now + ARRIVAL_LIFETIME,
    )
    work.add(arrival)
    return arrival


def read_claims(keyring: Keyring, arrival: Arrival) -> tuple[ProviderClaims, str]:
    """What the provider said, and its ID token. KeyringError when it is gone."""
    stored = json.loads(keyring.open(arrival.sealed_claims or b"", PURPOSE))
    claims = stored["claims"]
    claims |= {"emails": tuple(claims["emails"]), "amr": tuple(claims["amr"])}
    return ProviderClaims(**claims), stored["id_token"]


def find_arrival(session: Session, browser_key: str, now: datetime) -> Arrival | None:
    """The arrival a page of this browser is about: the open one, else one finished within the repeat window."""
    rows = session.scalars(
        select(Arrival).where(Arrival.browser_key == browser_key).order_by(Arrival.created_at.desc()).limit(2)
    ).all()
    for row in rows:
        if row.finished_at is None and now < row.expires_at:
            return row
    for row in rows:
        if row.finish_key is not None and row.finished_at is not None and now - row.finished_at < REPEAT_WINDOW:
            return row
    return None


def ran_out(session: Session, browser_key: str, now: datetime) -> bool:
    """Whether this browser's last arrival ended because its time did, and not by an answer."""
    last = session.scalars(
        select(Arrival).where(Arrival.browser_key == browser_key).order_by(Arrival.created_at.desc()).limit(1)
    ).one_or_none()
    return last is not None and last.session_id is None and now >= last.expires_at

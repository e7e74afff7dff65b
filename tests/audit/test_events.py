"""Events can say what is allowed and nothing that could name a person."""

import dataclasses
import inspect
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import events
from app.audit.chain import verify
from app.audit.event import Code, Event, Id, Slug, catalogue, payload
from app.audit.events import EVENTS, AccountCreated, BadRequestRefused, SignInFinished, SignInRefused, SignInStarted
from app.audit.record import record
from app.models.audit import tables
from app.models.base import Base
from app.storage.engine import make_engine
from app.storage.unit_of_work import unit_of_work
from tests.audit.archive import NOON

ACCOUNT = UUID("0f5a3c1e-8a54-4f6b-9d57-0c3a5b1f2e4d")

FIELDS = {
    "sign_in.started": ["provider", "attempt"],
    "sign_in.finished": ["account", "method", "session"],
    "sign_in.refused": ["code", "provider"],
    "consent.agreed": ["account", "receipt"],
    "consent.declined": ["provider"],
    "account.created": ["account"],
    "identity.added": ["account", "identity"],
    "signed_out": ["account", "session"],
    "usernames.imported": ["rows", "refused"],
    "username.rehashed": ["account"],
    "throttle.engaged": ["scope"],
    "bad_request.refused": ["code", "request_id"],
}


def test_the_portals_events_have_exactly_these_fields() -> None:
    assert {kind: [field.name for field in dataclasses.fields(event)] for kind, event in EVENTS.items()} == FIELDS


def test_every_event_that_is_declared_is_in_the_catalogue() -> None:
    declared = [thing for _, thing in inspect.getmembers(events, inspect.isclass) if issubclass(thing, Event)]
    assert {thing for thing in declared if thing is not Event} == set(EVENTS.values())


class Colour(StrEnum):
    """An enum of ours."""

    RED = "red"


@dataclasses.dataclass(frozen=True)
class Everything(Event):
    """All that an event may hold."""

    kind: ClassVar[str] = "everything"
    account: Id
    code: Code
    scope: Slug | None
    colour: Colour
    count: int
    done: bool


GOOD = Everything(ACCOUNT, "QA-201", "sign_in.account", Colour.RED, 3, done=True)


def test_a_payload_holds_the_fields_as_json_has_them() -> None:
    catalogue(Everything)
    assert payload(GOOD) == {
        "account": str(ACCOUNT),
        "code": "QA-201",
        "scope": "sign_in.account",
        "colour": "red",
        "count": 3,
        "done": True,
    }
    assert payload(dataclasses.replace(GOOD, scope=None))["scope"] is None


@pytest.mark.parametrize("account", [ACCOUNT, 17, str(ACCOUNT), ACCOUNT.hex, "9f86d081884c"])
def test_what_an_id_looks_like(account: UUID | int | str) -> None:
    assert payload(AccountCreated(account)) == {"account": account if isinstance(account, int) else str(account)}


@pytest.mark.parametrize(
    "change",
    [
        {"account": "ro@example.com"},
        {"account": "demo-ro"},
        {"account": "+12025550143"},
        {"account": "Ada Lovelace"},
        {"account": None},
        {"account": True},
        {"account": f"{ACCOUNT}\n"},
        {"account": ""},
        {"code": "12"},
        {"code": "123456"},
        {"code": "QA-201 for ro@example.com"},
        {"scope": "ro@example.com"},
        {"scope": "Ada Lovelace"},
        {"scope": 3},
        {"colour": "red"},
        {"count": "3"},
        {"count": True},
        {"count": 3.5},
        {"count": None},
        {"done": 1},
    ],
)
def test_a_value_that_could_name_a_person_is_refused_and_not_repeated(change: dict[str, object]) -> None:
    (name, value), *_ = change.items()
    with pytest.raises(ValueError, match=f"field {name} ") as refused:
        payload(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]
    assert not isinstance(value, str) or len(value) < 5 or value not in str(refused.value)


def test_a_catalogue_refuses_what_an_event_may_not_be() -> None:
    @dataclasses.dataclass(frozen=True)
    class Free(Event):
        kind: ClassVar[str] = "free"
        words: str

    @dataclasses.dataclass(frozen=True)
    class Optional(Event):
        kind: ClassVar[str] = "optional"
        words: Id | str

    @dataclasses.dataclass(frozen=True)
    class Nested(Event):
        kind: ClassVar[str] = "nested"
        facts: dict[str, int]

    @dataclasses.dataclass(frozen=True)
    class Nameless(Event):
        account: Id

    @dataclasses.dataclass(frozen=True)
    class Shouting(Event):
        kind: ClassVar[str] = "Shouting!"

    class Undecorated(Everything):
        kind: ClassVar[str] = "undecorated"

    for refused in (Free, Optional, Nested, Nameless, Shouting, Undecorated):
        with pytest.raises(TypeError):
            catalogue(refused)
    with pytest.raises(TypeError, match="everything"):
        catalogue(Everything, Everything)


def test_the_portal_records_its_events_and_no_others() -> None:
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[tables.event, tables.head])
    with Session(engine) as session, unit_of_work(session) as unit:
        assert record(unit, SignInStarted("idme", uuid4()), NOON) == 1
        assert record(unit, SignInRefused("QA-202"), NOON) == 2
        assert record(unit, SignInFinished(ACCOUNT, "username", ACCOUNT), NOON) == 3
        assert record(unit, BadRequestRefused("QA-100", "9f86d081884c"), NOON) == 4
        with pytest.raises(TypeError):
            record(unit, GOOD, NOON)
        with pytest.raises(ValueError, match="field provider"):
            record(unit, SignInStarted("ro@example.com", uuid4()), NOON)
    with Session(engine) as session:
        assert verify(session, tables).events == 4
        refused = session.execute(select(tables.event).where(tables.event.c.serial == 2)).one()
        assert (refused.kind, refused.payload) == ("sign_in.refused", '{"code":"QA-202","provider":null}')
    engine.dispose()

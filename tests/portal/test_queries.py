"""How many database queries a page costs: eight at most, the chooser one, and the same with ten thousand accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from app import clock
from app.models.account import Account, Identity
from app.models.consent import ConsentReceipt
from app.models.session import PortalSession
from app.storage.sessions import LAST_SEEN_STEP
from tests.support.imports import run_import, usernames_file
from tests.support.portal import PortalUnderTest

MOST = 8
FEW, MANY = 10, 10_000


@contextmanager
def counted(portal: PortalUnderTest) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, but for the beginning and end of transactions."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(portal.engine, "before_cursor_execute", note)
    yield sent
    event.remove(portal.engine, "before_cursor_execute", note)


def add_accounts(portal: PortalUnderTest, number: int) -> None:
    """So many people with an identity, a receipt and an old session each."""
    now = clock.now()
    ids = [str(uuid4()) for _ in range(number)]
    limits = {"authenticated_at": now, "last_seen_at": now, "expires_at": now}
    rows: dict[type, list[dict[str, object]]] = {
        Account: [{"id": key, "created_at": now} for key in ids],
        Identity: [
            {"id": key, "account_id": key, "provider": "idme", "issuer": "https://a", "subject": key, "added_at": now}
            for key in ids
        ],
        ConsentReceipt: [
            {"id": key, "account_id": key, "identity_id": key, "address": "a@b", "wording": "x", "agreed_at": now}
            for key in ids
        ],
        PortalSession: [
            {"id": key, "key": key, "account_id": key, "assurance": "aal2", "methods": "", "via": "idme", **limits}
            for key in ids
        ],
    }
    with portal.engine.begin() as connection:
        for table, values in rows.items():
            connection.execute(insert(table), values)


def cost(portal: PortalUnderTest, path: str) -> int:
    with counted(portal) as sent:
        assert portal.client.get(path).status_code == 200, path
    return len(sent)


def costs(portal: PortalUnderTest) -> dict[str, int]:
    """The queries of every page that a person passes, by what they do."""
    portal.client = portal.browser()
    found = {"chooser": cost(portal, "/sign-in")}
    found["chooser again"] = cost(portal, "/sign-in")
    found["username"] = cost(portal, "/sign-in/username")
    url = portal.leave()
    with counted(portal) as sent:
        answer = portal.come_back(url)
    found["callback"] = len(sent)
    if answer.headers["Location"] == "/consent/email":
        portal.client.submit("/consent/email", address="0")
    (receipt, *_) = [row for row in portal.rows(ConsentReceipt) if row.wording != "x"]
    for path in ("/", "/account", f"/consent/receipts/{receipt.id}"):
        found[path[:10]] = cost(portal, path)
    found["health"] = cost(portal, "/readyz")
    found["outbox"] = cost(portal, "/outbox")
    return found


def test_pages_stay_within_the_budget_however_many_people_there_are(idme: PortalUnderTest) -> None:
    idme.sign_in()
    add_accounts(idme, FEW)
    before = costs(idme)
    add_accounts(idme, MANY - FEW)
    after = costs(idme)
    assert before == after
    assert before["chooser"] == 0
    assert before["chooser again"] <= 1
    # The callback is no page: it uses up the attempt, begins a session and writes the record.
    assert {name: number for name, number in before.items() if number > MOST and name != "callback"} == {}


def test_an_arrival_and_its_consent_cost_no_more(idme: PortalUnderTest) -> None:
    idme.arrive()
    assert cost(idme, "/consent/email") <= MOST
    assert cost(idme, "/consent/email/decline") <= MOST


def test_a_page_that_keeps_the_session_alive_stays_within_it(idme: PortalUnderTest) -> None:
    idme.sign_in()
    idme.pass_time(LAST_SEEN_STEP)
    assert cost(idme, "/account") <= MOST
    assert cost(idme, "/account") < MOST


@pytest.mark.parametrize("fields", [{"username": "nobody"}, {"username": "RO.Smith"}])
def test_a_wrong_username_costs_as_much_as_a_wrong_password(idme: PortalUnderTest, fields: dict[str, str]) -> None:
    with Session(idme.engine) as session:
        run_import(session, usernames_file({"username": "RO.Smith"}), clock.now())
    form = idme.client.hidden("/sign-in/username")
    with counted(idme) as sent:
        idme.client.post("/sign-in/username", data=form | fields | {"password": "wrong"})
    first = len(sent)
    with counted(idme) as sent:
        idme.client.post("/sign-in/username", data=form | {"username": "somebody else", "password": "wrong"})
    assert len(sent) == first

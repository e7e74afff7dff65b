"""Two tabs that agree at the same moment leave one agreement, on each kind of database."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.credential_service.flows import consents
from app.credential_service.store.base import store
from app.credential_service.store.consents import Consent
from tests.support.credential_factories import COOKIE, RelyingParty, add_account, credential_app, sign_in


def test_two_tabs_agree_at_once(tmp_path: Path, any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = credential_app(tmp_path, database=any_database)
    first, second = op.test_client(), op.test_client()
    sign_in(op, first, add_account(op, "person@example.org"))
    forms = [RelyingParty.consent_fields(first.get(RelyingParty(op, first).authorize().location)) for _ in range(2)]
    second.set_cookie(COOKIE, first.get_cookie(COOKIE).value)
    barrier, real = threading.Barrier(2), consents.current_consent

    def met(*arguments: Any) -> Consent | None:
        found = real(*arguments)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(1.0)
        return found

    monkeypatch.setattr(consents, "current_consent", met)
    tabs = [
        threading.Thread(target=tab.post, args=("/consent",), kwargs={"data": form | {"decision": "agree"}})
        for tab, form in zip((first, second), forms, strict=True)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    with op.app_context():
        rows = store.session.query(Consent).all()
        store.session.remove()
        store.engine.dispose()
    assert len(rows) == 2
    assert len([row for row in rows if row.ended_at is None]) == 1

"""Importing the usernames file: what is taken, what is refused and why, and doing it again."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import bcrypt
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.authenticators.passwords import hash_password
from app.domain.identity.usernames import Fault, NotAUsernamesFile, Problem
from app.flows.identity import import_usernames as flow
from app.models.account import Account
from app.models.audit import tables
from app.models.username import HashTiming, Username
from tests.support.imports import HEADER, old_hash, run_import, usernames_file

FULL = {
    "username": "RO.Smith",
    "email": "ro@example.org",
    "given_name": "Zoë",
    "family_name": "Smith, jr.",
    "entity_id": "QI-1",
    "role": "ro",
    "cohort": "spring",
    "last_sign_in": "2026-11-23",
    "status": "frozen",
}


def all_usernames(session: Session) -> list[Username]:
    return list(session.scalars(select(Username).order_by(Username.folded)))


def audited(session: Session) -> list[tuple[str, str]]:
    event = tables.event
    return [tuple(row) for row in session.execute(select(event.c.kind, event.c.payload).order_by(event.c.serial))]


class TestTaken:
    def test_a_row_becomes_an_account_and_its_username(self, session: Session, noon: datetime) -> None:
        tally, refused = run_import(session, usernames_file(FULL), noon)
        assert (tally.added, tally.unchanged, tally.refused, refused) == (1, 0, 0, [])
        [row] = all_usernames(session)
        account = session.get_one(Account, row.account_id)
        assert (row.username, row.folded, row.password_hash) == ("RO.Smith", "ro.smith", old_hash())
        assert (row.email, row.entity_id, row.role, row.cohort) == ("ro@example.org", "QI-1", "ro", "spring")
        assert (row.status, row.last_sign_in) == ("frozen", datetime(2026, 11, 23, tzinfo=UTC))
        assert (row.imported_at, row.rehashed_at, account.created_at) == (noon, None, noon)
        assert (account.given_name, account.family_name) == ("Zoë", "Smith, jr.")

    @pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
    def test_with_and_without_byte_order_mark(self, session: Session, noon: datetime, before: bytes) -> None:
        tally, _ = run_import(session, before + usernames_file({"username": "a"}), noon)
        assert tally.added == 1

    def test_only_the_required_columns(self, session: Session, noon: datetime) -> None:
        tally, _ = run_import(session, f"password_hash,username\r\n{old_hash()},a\r\n".encode(), noon)
        assert tally.added == 1

    def test_the_record_tells_numbers_and_no_names(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file(FULL, {"username": "b", "role": "?"}), noon)
        assert audited(session) == [("usernames.imported", '{"refused":1,"rows":1}')]

    def test_more_than_a_batch(self, session: Session, noon: datetime) -> None:
        rows = [{"username": f"user{number}"} for number in range(flow.BATCH + 1)]
        tally, _ = run_import(session, usernames_file(*rows), noon)
        assert tally.added == len(rows)
        assert session.scalar(select(func.count()).select_from(Account)) == len(rows)
        assert len(audited(session)) == 2


class TestAgain:
    def test_same_data_is_unchanged(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file(FULL), noon)
        tally, refused = run_import(session, usernames_file(FULL), noon + timedelta(days=1))
        assert (tally.added, tally.unchanged, refused) == (0, 1, [])
        assert all_usernames(session)[0].imported_at == noon
        assert len(audited(session)) == 1

    def test_an_interrupted_import_goes_on(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file({"username": "a"}), noon)
        tally, _ = run_import(session, usernames_file({"username": "a"}, {"username": "b"}), noon)
        assert (tally.added, tally.unchanged) == (1, 1)

    def test_a_password_hashed_anew_is_kept(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file(FULL), noon)
        fresh = hash_password("anything")
        session.execute(update(Username).values(password_hash=fresh, rehashed_at=noon))
        session.commit()
        tally, refused = run_import(session, usernames_file(FULL), noon)
        assert (tally.unchanged, refused) == (1, [])
        assert all_usernames(session)[0].password_hash == fresh

    def test_other_data_is_refused_and_named_by_column(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file(FULL), noon)
        changed = FULL | {"status": "active", "given_name": "Zoe", "password_hash": old_hash("other")}
        tally, refused = run_import(session, usernames_file(changed), noon)
        assert (tally.unchanged, tally.refused) == (0, 1)
        assert refused[0].faults == (Fault(Problem.DIFFERS, "username", "status, given_name, password_hash"),)
        assert all_usernames(session)[0].status == "frozen"

    def test_twice_in_one_file(self, session: Session, noon: datetime) -> None:
        content = usernames_file({"username": "a"}, {"username": "b"}, {"username": " \uff21 "})
        tally, refused = run_import(session, content, noon)
        assert (tally.added, tally.refused) == (2, 1)
        assert (refused[0].line, refused[0].faults) == (4, (Fault(Problem.REPEATED, "username", "2"),))

    def test_twice_in_one_file_batches_apart(self, session: Session, noon: datetime) -> None:
        rows = [{"username": f"user{number}"} for number in range(flow.BATCH)]
        tally, refused = run_import(session, usernames_file(*rows, rows[0]), noon)
        assert (tally.added, refused[0].line) == (flow.BATCH, flow.BATCH + 2)
        assert refused[0].faults[0].problem is Problem.REPEATED


class TestRefused:
    @pytest.mark.parametrize(
        "encoded",
        [
            "plain text",
            "$1$md5crypt$abc",
            "$2b$31$" + "a" * 53,
            "pbkdf2_sha256$9999999$salt$" + "A" * 43 + "=",
            "{MD5}x",
        ],
    )
    def test_unknown_and_costly_hashes(self, session: Session, noon: datetime, encoded: str) -> None:
        tally, refused = run_import(session, usernames_file({"username": "a", "password_hash": encoded}), noon)
        assert (tally.added, refused[0].faults) == (0, (Fault(Problem.UNKNOWN_HASH, "password_hash"),))
        assert session.scalars(select(HashTiming)).all() == []

    def test_a_refused_row_leaves_nothing_and_stops_nobody(self, session: Session, noon: datetime) -> None:
        content = usernames_file({"username": "a", "status": "?"}, {"username": "b"})
        _, refused = run_import(session, content, noon)
        assert [row.folded for row in all_usernames(session)] == ["b"]
        assert [(row.line, row.last_line) for row in refused] == [(2, 2)]
        assert session.scalar(select(func.count()).select_from(Account)) == 1

    def test_damage_is_named_by_row(self, session: Session, noon: datetime) -> None:
        good = f",,,,{old_hash()},,,,,\n".encode()
        rows = b"".join(
            (
                b"bad\xff" + good,  # 2: not UTF-8, in a column
                b"nul\0" + good,  # 3
                b'x,"\n\n"y\n',  # 4 to 6: stray quote
                b"y" * 70_000 + b"\n",  # 7: far too long
                b"b,b\n",  # 8: too few columns
                b"\n",  # 9: blank
                b"fine" + good,  # 10
                b'"open' + good,  # 11: never closed
            )
        )
        tally, refused = run_import(session, HEADER.encode() + b"\n" + rows, noon)
        assert (tally.added, tally.refused) == (1, 6)
        assert [(row.line, row.last_line, row.faults[0].problem, row.faults[0].detail) for row in refused] == [
            (2, 2, Problem.NOT_UTF8, ""),
            (3, 3, Problem.UNPRINTABLE, ""),
            (4, 6, Problem.DAMAGED, "stray_quote"),
            (7, 7, Problem.DAMAGED, "too_long"),
            (8, 8, Problem.CELL_COUNT, ""),
            (11, 11, Problem.DAMAGED, "open_quote"),
        ]

    @pytest.mark.parametrize(
        "content", [b"", b"a;b\n1;2\n", b'"username\n', HEADER.encode("utf-16"), b"\x7fELF\x00\x01" * 50_000]
    )
    def test_what_is_no_usernames_file(self, session: Session, noon: datetime, content: bytes) -> None:
        with pytest.raises(NotAUsernamesFile):
            run_import(session, content, noon)
        assert all_usernames(session) == []
        assert audited(session) == []

    def test_an_interruption_loses_the_batch_it_falls_in(self, session: Session, noon: datetime) -> None:
        content = usernames_file(*({"username": f"user{number}"} for number in range(2 * flow.BATCH)))
        tally = flow.Tally()
        with pytest.raises(KeyboardInterrupt):
            flow.import_usernames(session, Interrupted(content), noon, lambda _: None, tally)
        assert tally.added == len(all_usernames(session)) == flow.BATCH
        again, _ = run_import(session, content, noon)
        assert (again.added, again.unchanged) == (flow.BATCH, flow.BATCH)


class Interrupted(BytesIO):
    """A file whose reader presses Ctrl-C three quarters through."""

    def read1(self, size: int | None = -1) -> bytes:
        if self.tell() > len(self.getvalue()) * 3 // 4:
            raise KeyboardInterrupt
        return super().read1(size)


class TestTimings:
    def test_one_for_each_format_and_cost(self, session: Session, noon: datetime) -> None:
        hashed = bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode()
        hashes = [old_hash(), old_hash(salt="other"), old_hash(iterations=2000), hashed]
        rows = [{"username": f"user{number}", "password_hash": value} for number, value in enumerate(hashes)]
        run_import(session, usernames_file(*rows), noon)
        found = {row.format: row.milliseconds for row in session.scalars(select(HashTiming))}
        assert set(found) == {"pbkdf2_sha256$1000", "pbkdf2_sha256$2000", "$2b$04"}
        assert all(milliseconds >= 1 for milliseconds in found.values())

    def test_measured_once(self, session: Session, noon: datetime) -> None:
        run_import(session, usernames_file({"username": "a"}), noon)
        session.execute(update(HashTiming).values(milliseconds=77))
        session.commit()
        run_import(session, usernames_file({"username": "b"}), noon)
        assert [row.milliseconds for row in session.scalars(select(HashTiming))] == [77]

    @pytest.mark.parametrize(
        ("encoded", "cost"),
        [
            ("$2y$12$" + "a" * 53, "$2y$12"),
            ("scrypt:1024:8:1$salt$" + "0" * 128, "scrypt:1024:8:1"),
            ("{SSHA512}" + "A" * 92, "ssha512"),
            ("$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43, "$argon2id$v=19$m=19456,t=2,p=1"),
        ],
    )
    def test_what_decides_how_long_it_takes(self, encoded: str, cost: str) -> None:
        assert flow.cost_of(encoded) == cost

    def test_a_file_cannot_make_us_measure_for_hours(self, session: Session, noon: datetime) -> None:
        rows = [
            {"username": f"user{number}", "password_hash": old_hash(iterations=number + 1)}
            for number in range(flow.MOST_TIMINGS + 3)
        ]
        tally, _ = run_import(session, usernames_file(*rows), noon)
        assert tally.added == len(rows)
        assert session.scalar(select(func.count()).select_from(HashTiming)) == flow.MOST_TIMINGS

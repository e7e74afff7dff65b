"""`flask import-usernames` and `flask seed` as an operator meets them."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cli.usernames import describe
from app.domain.csv_rows import Damage
from app.domain.identity.usernames import Fault, Problem
from app.flows.identity.import_usernames import RefusedRow
from app.models.installation import DEMO_DATA, InstallationFact
from app.models.username import HashTiming, Username
from tests.support.imports import usernames_file
from tests.support.portal import PortalUnderTest

DEMO_PASSWORD = "correct horse battery 9"  # product.md §8, to the letter


def run(portal: PortalUnderTest, *words: str) -> Result:
    return portal.app.test_cli_runner().invoke(args=words)


def import_file(portal: PortalUnderTest, folder: Path, content: bytes) -> Result:
    path = folder / "usernames.csv"
    path.write_bytes(content)
    return run(portal, "import-usernames", str(path))


class TestImport:
    def test_all_taken(self, portal: PortalUnderTest, tmp_path: Path) -> None:
        result = import_file(portal, tmp_path, usernames_file({"username": "a"}, {"username": "b"}))
        assert (result.exit_code, result.output) == (0, "2 imported, 0 unchanged, 0 refused.\n")
        again = import_file(portal, tmp_path, usernames_file({"username": "a"}, {"username": "b"}))
        assert (again.exit_code, again.output) == (0, "0 imported, 2 unchanged, 0 refused.\n")

    def test_refused_rows_are_named_and_their_hashes_are_not_shown(
        self, portal: PortalUnderTest, tmp_path: Path
    ) -> None:
        rows = (
            {"username": "a", "password_hash": "{MD5}c2VjcmV0", "role": "ro"},
            {"username": "b"},
            {"username": "c", "role": "boss", "status": "gone"},
            {"username": "B"},
        )
        result = import_file(portal, tmp_path, usernames_file(*rows))
        assert result.exit_code == 1
        assert result.output.splitlines() == [
            "Row 2 refused: password_hash is of an unknown format, or too costly to check.",
            "Row 4 refused: role is none of ro, contact, poa; status is none of active, frozen, expired, closed.",
            "Row 5 refused: username stands in row 3 already.",
            "1 imported, 0 unchanged, 3 refused.",
        ]

    @pytest.mark.parametrize(
        "content",
        [b"", b"ro.smith,$2b$12$secret\n", b"username,email\n", b"username,password_hash,username\n", b'"username\n'],
    )
    def test_no_usernames_file(self, portal: PortalUnderTest, tmp_path: Path, content: bytes) -> None:
        result = import_file(portal, tmp_path, content)
        assert result.exit_code == 2
        assert result.stderr.strip()
        assert "secret" not in result.output

    def test_no_such_file(self, portal: PortalUnderTest, tmp_path: Path) -> None:
        missing = run(portal, "import-usernames", str(tmp_path / "missing.csv"))
        folder = run(portal, "import-usernames", str(tmp_path))
        assert (missing.exit_code, folder.exit_code) == (2, 2)
        assert "cannot be read" in missing.stderr

    def test_a_database_that_fails_shows_no_row(self, portal: PortalUnderTest, tmp_path: Path) -> None:
        with portal.engine.begin() as connection:
            connection.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON username BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        result = import_file(portal, tmp_path, usernames_file({"username": "a"}))
        assert result.exit_code == 2
        assert "0 imported" in result.output
        assert "Run the same command again" in result.stderr
        assert "pbkdf2" not in result.output + result.stderr

    def test_every_reason_has_words(self) -> None:
        for problem in set(Problem) - {Problem.DAMAGED}:
            words = describe(RefusedRow(7, 7, (Fault(problem, "email", "3"),)))
            assert words.startswith("Row 7 refused: ")
            assert "{" not in words
        for damage in Damage:
            words = describe(RefusedRow(7, 9, (Fault(Problem.DAMAGED, detail=damage.value),)))
            assert words.startswith("Rows 7 to 9 refused: has a ") or "too long" in words


class TestSeed:
    def test_demo_people_can_sign_in(self, portal: PortalUnderTest) -> None:
        result = run(portal, "seed")
        assert (result.exit_code, DEMO_PASSWORD in result.output) == (0, True)
        for username in ("demo-ro", "demo-contact", "demo-poa"):
            response = portal.browser().submit("/sign-in/username", username=username, password=DEMO_PASSWORD)
            assert response.status_code == 303

    def test_again_changes_nothing_even_after_a_sign_in(self, portal: PortalUnderTest) -> None:
        run(portal, "seed")
        portal.client.submit("/sign-in/username", username="demo-ro", password=DEMO_PASSWORD)
        result = run(portal, "seed")
        assert (result.exit_code, "0 added" in result.output) == (0, True)
        assert portal.count(Username) == 3

    def test_a_changed_demo_person_is_left_alone(self, portal: PortalUnderTest) -> None:
        run(portal, "seed")
        with Session(portal.engine) as session:
            session.scalars(select(Username)).first().status = "frozen"  # type: ignore[union-attr]
            session.commit()
        assert run(portal, "seed").exit_code == 0

    def test_the_old_hash_is_measured_and_the_installation_marked(self, portal: PortalUnderTest) -> None:
        run(portal, "seed")
        with Session(portal.engine) as session:
            assert session.get(InstallationFact, DEMO_DATA) is not None
            assert session.scalars(select(HashTiming.format)).all() == ["pbkdf2_sha256$100000"]

    def test_production_refuses(self, portal: PortalUnderTest) -> None:
        running = portal.app.extensions["portal"]
        settings = running.settings.model_copy(update={"env": "production"})
        portal.app.extensions["portal"] = type(running)(settings, running.keyring, running.parties)
        result = run(portal, "seed")
        assert result.exit_code != 0
        assert portal.count(Username) == 0
        assert portal.count(InstallationFact) == 0

"""`flask audit`: a record that holds and one that was changed, in the database and as an export."""

from pathlib import Path

from click.testing import Result

from tests.support.portal import PortalUnderTest


def run(portal: PortalUnderTest, *arguments: str) -> Result:
    return portal.app.test_cli_runner().invoke(args=["audit", *arguments])


def exported(portal: PortalUnderTest, folder: Path) -> Path:
    file = folder / "record.jsonl"
    file.write_text(run(portal, "export").stdout, "utf-8")
    return file


def test_a_whole_record_holds(portal: PortalUnderTest) -> None:
    portal.sign_in()
    result = run(portal, "verify")
    assert result.exit_code == 0
    assert "events hold" in result.output


def test_a_noted_hash_has_to_occur(portal: PortalUnderTest) -> None:
    portal.sign_in()
    noted = run(portal, "verify").output.strip().rstrip(".").split()[-1]
    portal.client.get("/nowhere")
    assert run(portal, "verify", "--noted", noted).exit_code == 0
    assert run(portal, "verify", "--noted", "0" * 63 + "1").exit_code == 1


def test_an_export_is_verified_without_the_database(portal: PortalUnderTest, tmp_path: Path) -> None:
    portal.sign_in()
    file = exported(portal, tmp_path)
    assert run(portal, "verify", "--file", str(file)).exit_code == 0


def test_a_changed_export_is_told_by_its_first_broken_event(portal: PortalUnderTest, tmp_path: Path) -> None:
    portal.sign_in()
    file = exported(portal, tmp_path)
    file.write_text(file.read_text("utf-8").replace('"provider":"idme"', '"provider":"other"', 1), "utf-8")
    result = run(portal, "verify", "--file", str(file))
    assert result.exit_code == 1
    assert "event 1 does not hold" in result.output

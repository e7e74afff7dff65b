"""What `make run` makes of its ports and its folder. The whole of it runs in `test_make_run.py`."""

import socket
from pathlib import Path

import pytest

from app.cli.local import ROOT, Place, answers, environment_for, main, read_place, unusable_ports, what_to_try

PLACE = Place(9000, 9001, Path("/somewhere/data"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_defaults() -> None:
    assert read_place([]) == Place(8000, 8001, ROOT / "instance")


def test_a_folder_is_meant_from_the_root() -> None:
    assert read_place(["--instance", "elsewhere"]).instance == ROOT / "elsewhere"
    assert read_place(["--instance", "/data"]).instance == Path("/data")


@pytest.mark.parametrize("port", ["", "eighty", "0", "65536", "-1", "8000 ", "\uff18\uff10"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_place([f"--port={port}"])
    assert "is not a port" in capsys.readouterr().err


def test_one_port_for_both_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_place(["--port=8001"])
    assert "both 8001" in capsys.readouterr().err


def test_the_variables_follow_from_the_place() -> None:
    assert environment_for(PLACE, {}) == {
        "QAAMS_PUBLIC_URL": "http://localhost:9000",
        "QAAMS_DATABASE_URL": "sqlite:////somewhere/data/portal.sqlite3",
        "QAAMS_KEYS_FILE": "/somewhere/data/portal-keys.json",
        "QAAMS_CREDENTIAL_PUBLIC_URL": "http://localhost:9001",
        "QAAMS_CREDENTIAL_DATABASE_URL": "sqlite:////somewhere/data/credential.sqlite3",
        "QAAMS_CREDENTIAL_KEYS_FILE": "/somewhere/data/credential-keys.json",
        "QAAMS_IDME_ISSUER": "http://localhost:9001",
    }


def test_what_is_set_already_wins() -> None:
    given = {"QAAMS_PUBLIC_URL": "http://portal.test", "QAAMS_CREDENTIAL_PUBLIC_URL": "http://idp.test", "HOME": "/h"}
    environment = environment_for(PLACE, given)
    assert environment["QAAMS_PUBLIC_URL"] == "http://portal.test"
    assert environment["QAAMS_IDME_ISSUER"] == "http://idp.test"
    assert environment["HOME"] == "/h"


def test_what_is_set_to_nothing_does_not_win() -> None:
    assert environment_for(PLACE, {"QAAMS_PUBLIC_URL": ""})["QAAMS_PUBLIC_URL"] == "http://localhost:9000"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - whatever else listens, the port is not free
def test_a_port_in_use_is_named_before_anything_starts(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main([f"--port={port}", f"--credential-port={free_port()}", f"--instance={tmp_path / 'new'}"]) == 2
    assert f"Port {port} is in use. Choose another: make run PORT=" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_free_ports_are_not_complained_about() -> None:
    assert unusable_ports(Place(free_port(), free_port(), Path("unused"))) == []


def test_nothing_answers_on_a_free_port() -> None:
    assert not answers(free_port())


def test_people_are_told_where_to_begin() -> None:
    words = what_to_try(environment_for(PLACE, {}))
    for part in ("http://localhost:9000/outbox", "http://localhost:9001/outbox", "demo-ro", "correct horse battery 9"):
        assert part in words

"""What `make run` runs: both services and their delivery workers on this machine, migrated and seeded.

Ports and folder come as arguments and become `QAAMS_*` variables here; a variable that is set already wins. In
production each process is started by the system instead; see docs/operations.md.
"""

import argparse
import errno
import http.client
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.cli.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}
HIGHEST_PORT = 65535
WHAT_TO_TRY = """
QAAMS runs on this machine. Ctrl-C stops it.

  Portal                {portal}
  Credential service    {credential}   (stands in for ID.me)
  What was "sent"       {portal}/outbox
                        {credential}/outbox

  New here?             Open the portal and choose "Create an ID.me account".
                        Codes and links are in the credential service's outbox.
  An existing user?     Username demo-ro, password: correct horse battery 9
"""


@dataclass(frozen=True)
class Place:
    """Where the two services are to be: two different ports, and the folder of databases and keys."""

    port: int
    credential_port: int
    instance: Path


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal comes. The code to exit with: 0 after a signal, 1 when something ended by itself, 2 else."""
    place = read_place(arguments)
    if problems := unusable_ports(place):
        say("\n".join(problems))
        return 2
    place.instance.mkdir(parents=True, exist_ok=True)
    environment = environment_for(place, os.environ)
    supervisor = Supervisor(ROOT, environment, say)
    supervisor.listen()
    failed = supervisor.prepare(preparations())
    if failed is not None:
        return failed
    return supervisor.run(
        programs(place),
        is_ready=lambda: answers(place.port) and answers(place.credential_port),
        announce=lambda: say(what_to_try(environment)),
    )


def read_place(arguments: list[str] | None) -> Place:
    """The arguments as a Place. A relative folder is meant from the repository's root."""
    parser = argparse.ArgumentParser(
        prog="make run", usage="make run [PORT=8000] [CREDENTIAL_PORT=8001] [INSTANCE=folder]"
    )
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument("--credential-port", type=_port, default=8001)
    parser.add_argument("--instance", type=Path, default=Path("instance"))
    given = parser.parse_args(arguments)
    if given.port == given.credential_port:
        parser.error(f"PORT and CREDENTIAL_PORT are both {given.port}; they must differ")
    return Place(given.port, given.credential_port, ROOT / given.instance)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to {HIGHEST_PORT})")
    return int(text)


def unusable_ports(place: Place) -> list[str]:
    """One sentence for each port that cannot be listened on."""
    found = []
    for variable, port in (("PORT", place.port), ("CREDENTIAL_PORT", place.credential_port)):
        if (reason := _why_unusable(port)) is not None:
            found.append(f"Port {port} {reason}. Choose another: make run {variable}={port + 10}")
    return found


def _why_unusable(port: int) -> str | None:
    for host in loopback_hosts():
        try:
            _listen(host, port).close()
        except OSError as error:
            return "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return None


def loopback_hosts() -> list[str]:
    """The machine's own addresses. Browsers may try `::1` first for `localhost`: where both exist, both are served."""
    found = []
    for host in LOOPBACK:
        try:
            _listen(host, 0).close()
        except OSError:
            continue
        found.append(host)
    return found


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(LOOPBACK[host])
    # As gunicorn does it: a port whose last connections are still being closed is free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def environment_for(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of all processes: `given`, and where that is silent or empty, what follows from the place."""
    mine = {name: value for name, value in given.items() if value}
    issuer = mine.get("QAAMS_CREDENTIAL_PUBLIC_URL", f"http://localhost:{place.credential_port}")
    return {
        "QAAMS_PUBLIC_URL": f"http://localhost:{place.port}",
        "QAAMS_DATABASE_URL": f"sqlite:///{place.instance / 'portal.sqlite3'}",
        "QAAMS_KEYS_FILE": str(place.instance / "portal-keys.json"),
        "QAAMS_CREDENTIAL_PUBLIC_URL": issuer,
        "QAAMS_CREDENTIAL_DATABASE_URL": f"sqlite:///{place.instance / 'credential.sqlite3'}",
        "QAAMS_CREDENTIAL_KEYS_FILE": str(place.instance / "credential-keys.json"),
        "QAAMS_IDME_ISSUER": issuer,
        **mine,
    }


def preparations() -> list[Program]:
    """What has to be done before anything is served."""
    return [
        Program("Migrating the portal's database", _flask("app", "database", "migrate")),
        Program("Migrating the credential service's database", _flask("app.credential_service", "database", "migrate")),
        Program(
            "Making the credential service's signing key", _flask("app.credential_service", "signing-keys", "ensure")
        ),
        Program("Seeding demo people and entities", _flask("app", "seed")),
    ]


def programs(place: Place) -> list[Program]:
    """What runs side by side."""
    return [
        Program("The portal", _gunicorn("wsgi:portal", place.port)),
        Program("The credential service", _gunicorn("wsgi:credential_service", place.credential_port)),
        Program("The portal's delivery worker", _flask("app", "outbox", "work")),
        Program("The credential service's delivery worker", _flask("app.credential_service", "outbox", "work")),
    ]


def _flask(app: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "flask", "--app", app, *arguments)


def _gunicorn(target: str, port: int) -> tuple[str, ...]:
    addresses = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in loopback_hosts()]
    binds = [part for address in addresses for part in ("--bind", address)]
    options = ("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "5")
    # A callback's address may be long; what is too long is answered by the app, with a page.
    lines = ("--limit-request-line", "8190")
    quiet = ("--log-level", "warning", "--no-control-socket")
    return (sys.executable, "-m", "gunicorn", target, *binds, *options, *lines, *quiet)


def answers(port: int) -> bool:
    """Whether the service on this port says that it runs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def what_to_try(environment: Mapping[str, str]) -> str:
    """The words that tell a person where to begin."""
    return WHAT_TO_TRY.format(
        portal=environment["QAAMS_PUBLIC_URL"], credential=environment["QAAMS_CREDENTIAL_PUBLIC_URL"]
    )


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)  # noqa: T201 - this program speaks to a terminal


if __name__ == "__main__":
    sys.exit(main())

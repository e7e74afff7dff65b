"""The files of this repository as the architecture tests read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Not the repository's: made by tools, or by the programs while they run.
MADE = {".git", ".venv", "build", "instance", "node_modules", "__pycache__"}


def files(*patterns: str, under: str = ".") -> list[Path]:
    """The repository's files whose names match one of the patterns."""
    return sorted(path for path in _walk(ROOT / under) if any(path.match(pattern) for pattern in patterns))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in MADE or path.name.endswith("_cache"):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def name_of(path: Path) -> str:
    """A path as people write it, from the root."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def imported_names(path: Path) -> Iterator[str]:
    """Every module or name that a Python file imports, dotted: `from a.b import c` gives `a.b.c`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)

"""Nothing grows past what one person reads at a sitting. Complexity is ruff's rule C901, at most 8."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import files, name_of, parsed

MODULE = 300
FUNCTION = 40
TEST_MODULE = 400
TEMPLATE = 120
ROUTE = 20
FORM = 30

# What may be longer, as the failure names it, and why. An exception that is not needed any more fails too.
EXCEPTIONS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(measured: Iterator[tuple[str, int]], budget: int) -> list[str]:
    return [
        f"{name}: {lines} lines, {budget} allowed"
        for name, lines in measured
        if lines > budget and name not in EXCEPTIONS
    ]


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def span(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def app_modules() -> list[Path]:
    """All but migrations: they list tables column by column, are written once, and are never read as a whole again."""
    modules = [*files("*.py", under="app"), *files("wsgi.py")]
    return [path for path in modules if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield f"{name_of(path)}::{node.name}", node


def is_route(node: Function) -> bool:
    calls = [decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ("get", "post", "route") for call in calls)


def is_form(node: ast.AST) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases]
    return any(base.endswith("Form") for base in bases)


def modules_measured() -> Iterator[tuple[str, int]]:
    return ((name_of(path), lines_of(path)) for path in app_modules())


def functions_measured() -> Iterator[tuple[str, int]]:
    return ((name, span(node)) for path in app_modules() for name, node in functions(path))


def test_modules() -> None:
    assert too_long(modules_measured(), MODULE) == [], "a module that outgrows its budget is two concepts"


def test_functions() -> None:
    assert too_long(functions_measured(), FUNCTION) == []


def test_test_modules() -> None:
    assert too_long(((name_of(path), lines_of(path)) for path in files("*.py", under="tests")), TEST_MODULE) == []


def test_templates() -> None:
    templates = files("*.html", "*.txt", under="app/templates") + files("*.html", under="app/credential_service")
    assert templates
    assert too_long(((name_of(path), lines_of(path)) for path in templates), TEMPLATE) == []


def test_routes() -> None:
    routes = [(name, span(node)) for path in app_modules() for name, node in functions(path) if is_route(node)]
    assert routes
    assert too_long(iter(routes), ROUTE) == [], "a view reads the form, calls a flow and shows what came of it"


def test_forms() -> None:
    forms = [
        (f"{name_of(path)}::{node.name}", span(node))
        for path in app_modules()
        for node in ast.walk(parsed(path))
        if is_form(node) and isinstance(node, ast.ClassDef)
    ]
    assert forms
    assert too_long(iter(forms), FORM) == []


def test_exceptions_are_needed() -> None:
    longer = {name for name, lines in modules_measured() if lines > MODULE}
    longer |= {name for name, lines in functions_measured() if lines > FUNCTION}
    assert sorted(set(EXCEPTIONS) - longer) == []


def test_a_long_function_is_found() -> None:
    body = "\n".join("    x = 1" for _ in range(FUNCTION))
    (node,) = ast.parse(f"def long():\n{body}\n").body
    assert isinstance(node, ast.FunctionDef)
    assert too_long(iter([("long", span(node))]), FUNCTION) == ["long: 41 lines, 40 allowed"]

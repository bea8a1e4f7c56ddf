"""The house keeps its shape: imports point down, pure packages stay pure, modules have names and public faces."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import trialconformance

_ROOT = Path(trialconformance.__file__).parent
_MODULES = sorted(
    path for path in _ROOT.rglob("*.py") if not {"suites", "fixtures"} & set(path.relative_to(_ROOT).parts)
)

# Packages from the ground up; a package may import those named with it and nothing else of the house.
_MAY_IMPORT = {
    "core": set(),
    "smki": {"core"},
    "cpl": {"core"},
    "gbcs": {"core", "smki"},
    "trial": {"core", "smki", "cpl"},
    "engine": {"core", "smki", "cpl", "gbcs", "trial"},
    "harness": {"core", "smki", "cpl", "gbcs", "trial"},
    "evidence": {"core", "smki", "cpl", "gbcs", "trial", "engine", "harness", "catalogue"},
}
_PURE = {"core", "smki", "cpl", "gbcs", "trial", "engine"}
_IMPURE_MODULES = {
    "pytest",
    "_pytest",
    "pluggy",
    "time",
    "socket",
    "http",
    "urllib",
    "requests",
    "asyncio",
    "random",
}
_CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
_NO_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc"}


def _package(path: Path) -> str:
    return path.relative_to(_ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            if node.module == "trialconformance":
                yield from (f"trialconformance.{alias.name}" for alias in node.names)


def _named(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


@pytest.mark.parametrize("path", _MODULES, ids=_named)
def test_imports_point_down(path: Path) -> None:
    """A module imports only packages below its own."""
    package = _package(path)
    if package not in _MAY_IMPORT:
        return  # a shell may import everything
    allowed = _MAY_IMPORT[package] | {package, "__version__"}
    ours = {name.split(".")[1] for name in _imports(path) if name.startswith("trialconformance.")}
    assert ours <= allowed


@pytest.mark.parametrize("path", [each for each in _MODULES if _package(each) in _PURE], ids=_named)
def test_pure_packages_know_no_clock_network_or_pytest(path: Path) -> None:
    """The engine and the domains judge by their inputs alone."""
    assert not {name.split(".")[0] for name in _imports(path)} & _IMPURE_MODULES
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            assert (node.func.value.id, node.func.attr) not in _CLOCK_CALLS
        assert not isinstance(node, ast.Global)


@pytest.mark.parametrize("path", _MODULES, ids=_named)
def test_modules_have_one_idea_and_say_which(path: Path) -> None:
    """Every module begins with what it is about, has a name that says something, and stays readable."""
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert path.stem not in _NO_NAMES
    assert text.count("\n") <= 450


@pytest.mark.parametrize("path", _MODULES, ids=_named)
def test_modules_name_their_public_face(path: Path) -> None:
    """A package says in ``__all__`` what of it is public; whoever says so has it, and says it once."""
    tree = ast.parse(path.read_text())
    defined: set[str] = set()
    public: list[str] | None = None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defined.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
            if "__all__" in names and isinstance(node.value, ast.List | ast.Tuple):
                public = [ast.literal_eval(each) for each in node.value.elts]
            defined |= names
    if public is None:
        assert path.name != "__init__.py" or defined <= {"annotations"}
        return
    assert sorted(set(public)) == sorted(public)
    if "__getattr__" in defined:  # a package that imports what it offers when it is asked for
        module = import_module(".".join(path.relative_to(_ROOT.parent).parent.parts))
        assert all(hasattr(module, name) for name in public)
        return
    assert set(public) <= defined

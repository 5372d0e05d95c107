"""Where the emulator reaches into MiniStack: the table of hooks, and the names that other files read."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any

import vwt_local
from vwt_local import hooks
from vwt_local.guard import Guard
from vwt_local.snapshot import Snapshots

PACKAGE = Path(vwt_local.__file__).parent
NAMES = PACKAGE.parent / "ministack-names.txt"
FOREIGN = ("ministack", "hypercorn")
# What belongs to MiniStack and is filled as MiniStack fills it; no place of its code changes.
FILLED = {
    "cloudwatch._metrics": "points of metrics",
    "stepfunctions._map_runs": "runs of distributed maps",
    "stepfunctions._executions": "child executions",
    "eventbridge._event_bus_policies": "policies that are put as a whole",
    "lambda_svc._dynamodb_stream_positions": "what functions have read of streams",
}


def imported(tree: ast.Module) -> dict[str, str]:
    """Returns the modules and members of MiniStack and Hypercorn that a file imports, by the file's names of them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FOREIGN:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        if isinstance(node, ast.Import):
            found |= {
                each.asname or each.name: each.name for each in node.names if each.name.partition(".")[0] in FOREIGN
            }
    return found


def files() -> Iterator[tuple[str, ast.Module, dict[str, str]]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        yield path.relative_to(PACKAGE).as_posix(), tree, imported(tree)


def root_of(node: ast.expr) -> tuple[str, ...]:
    """Returns the names of `a.b.c[d]`: a, b and c."""
    if isinstance(node, ast.Subscript):
        return root_of(node.value)
    if isinstance(node, ast.Attribute):
        return (*root_of(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ()


def changes_in(tree: ast.Module, foreign: dict[str, str]) -> Iterator[str]:
    """Returns the members of MiniStack and Hypercorn to which a file assigns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            first, *members = root_of(node) or ("",)
            if first in foreign:
                yield ".".join([foreign[first].rpartition(".")[2], *members[:1]])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
            first, *_ = root_of(node.args[0]) or ("",)
            if first in foreign:
                yield ast.unparse(node)


def test_no_other_file_changes_what_is_not_ours() -> None:
    changed = {change: name for name, tree, foreign in files() for change in changes_in(tree, foreign)}
    assert changed.keys() == FILLED.keys(), changed


def test_assignments_are_found() -> None:
    text = "from ministack.services import kms as k\nk._a = k.b['c'] = 1\nsetattr(k, 'd', 2)\ndel k._e\nother._f = k._g"
    tree = ast.parse(text)
    assert sorted(changes_in(tree, imported(tree))) == ["kms._a", "kms._e", "kms.b", "setattr(k, 'd', 2)"]


def test_every_place_is_there_and_has_its_reason(tmp_path: Path) -> None:
    table = hooks.table(Snapshots(tmp_path), Guard("token", auth=True))
    assert len(table) > 100
    for owner, name, wrap, why in table:
        assert callable(wrap)
        assert why.strip(".") == why != ""
        assert isinstance(owner, MutableMapping) or hasattr(owner, name), f"{owner} has no {name}"


def test_an_installation_wraps_in_the_table_s_order() -> None:
    module, mapping = ModuleType("m"), {"old": "x"}
    module.place = "x"  # type: ignore[attr-defined]
    rows = [
        hooks.Hook(module, "place", lambda it: f"a({it})", "r"),
        hooks.Hook(module, "place", lambda it: f"b({it})", "r"),
        hooks.Hook(mapping, "old", lambda it: f"c({it})", "r"),
        hooks.Hook(mapping, "new", lambda it: f"d({it})", "r"),
    ]
    hooks.put(rows)
    assert (module.place, mapping) == ("b(a(x))", {"old": "c(x)", "new": "d(None)"})


def names() -> Iterator[str]:
    """Returns every member of MiniStack and Hypercorn that begins with an underscore and is named anywhere."""
    for _, tree, foreign in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in foreign:
                path = foreign[node.value.id]
                if node.attr.startswith("_"):
                    yield f"{path}.{node.attr}"
        yield from (path for path in foreign.values() if path.rpartition(".")[2].startswith("_"))


def test_private_names_that_are_used_are_listed_and_there() -> None:
    """The list is what to look through before a new release is taken."""
    listed = NAMES.read_text().split()
    assert listed == sorted(set(names())), "Write the names that the test found to ministack-names.txt."
    for each in listed:
        owner, _, name = each.rpartition(".")
        assert hasattr(member(owner), name), f"There is no {each}."


def member(path: str) -> Any:
    """Returns a module, or a class in one."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        owner, _, name = path.rpartition(".")
        return getattr(importlib.import_module(owner), name)

"""Imports flow one way, and reading stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stance

PACKAGE = Path(stance.__file__).parent

#: Each may import from those before it, and from itself.
LAYERS = [
    {"settings", "ontology", "extras", "atomic"},
    {"schema"},
    {"text"},
    {"actors", "data", "readers"},
    {"evaluation"},
    {"training"},
    {"comparison", "labelling"},
    {"pipeline"},
    {"output"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(source: str) -> set[str]:
    """The layers that a module imports from, also inside functions, type checking apart."""
    tree = ast.parse(source)
    checking = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    modules = [
        name for node in ast.walk(tree) if node not in checking for name in named_modules(node)
    ]
    return {layer for m in modules for layer in m.split(".")[1:2] if m.startswith("stance.")} & set(
        RANK
    )


def named_modules(node: ast.AST) -> list[str]:
    """What a statement may import: "from a import b" both a and a.b, which may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


@pytest.mark.parametrize(
    "source",
    [
        "from stance.cli import app",
        "from stance import cli",
        "from stance import __version__, cli as command",
        "import stance.cli",
        "import os, stance.cli as command",
        "def f():\n    from stance import cli",
    ],
)
def test_every_form_of_import_is_seen(source):
    assert imported(source) == {"cli"}


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(PACKAGE.rglob("*.py")) if p.parent != PACKAGE or p.stem != "__init__"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_module_imports_only_from_above(path):
    here = layer_of(path)
    layers = imported(path.read_text(encoding="utf-8"))
    above = {layer for layer in layers if RANK[layer] < RANK[here] or layer == here}
    beside = {layer for layer in layers if RANK[layer] == RANK[here] <= 1}
    assert layers <= above | beside


def test_reading_loads_no_training_library():
    script = (
        "import sys, stance; stance.predict('Iran threatened Israel.');"
        "print([m for m in ('torch', 'transformers', 'sklearn', 'scipy', 'hydra', 'datasets', "
        "'pyarrow', 'trafilatura', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented():
    for name in stance.__all__:
        assert getattr(stance, name) is not None
        if name != "__version__":
            assert getattr(stance, name).__doc__

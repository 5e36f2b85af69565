"""What happens when somebody types ``portico`` in an environment where ``pip install portico`` was done."""

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from portico_gateway.node import NodeNotFound, find_node

PROGRAM = Path(__file__).parent / "program" / "bin" / "portico.js"

NO_PROGRAM = (
    "portico: this copy of the package carries no gateway; wheels do, a source tree does not. "
    "Install a wheel, or in a clone of the repository: npm start"
)


def main() -> None:
    """Run the gateway in place of this process, with the same arguments, terminal and signals."""
    if not PROGRAM.is_file():
        sys.exit(NO_PROGRAM)
    try:
        node = find_node(os.environ)
    except NodeNotFound as problem:
        sys.exit(f"portico: {problem}")
    sys.exit(_run([str(node), str(PROGRAM), *sys.argv[1:]], _with_own_programs(os.environ)))


def _with_own_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """Let ``portico serve -- streamlit run app.py`` find the Streamlit beside this command in an environment that is not activated.

    Last in the path: what is active there, or named by the user, comes first.
    """
    path = environment.get("PATH", os.defpath)
    return {**environment, "PATH": os.pathsep.join([path, sysconfig.get_path("scripts")])}


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    if os.name == "posix":
        # Nothing stands between a service manager's signal and the gateway.
        os.execve(command[0], command, environment)
    # Ctrl-C reaches the gateway by the console; this process only outlives it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run(command, env=environment, check=False).returncode

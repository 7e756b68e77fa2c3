"""Lint `examples/`, or the paths given, with the plugin in an environment of its own."""

import argparse
import subprocess
import sys
from pathlib import Path

from environment import ROOT, environment


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "examples"])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where the environment is, or will be")
    arguments = parser.parse_args()
    python = environment(arguments.venv.absolute())
    paths = [path.absolute() for path in arguments.paths]
    folder = ROOT if all(ROOT in path.parents for path in paths) else Path.cwd()
    paths = [path.relative_to(folder) if folder in path.parents else path for path in paths]
    # Findings are what this is for, so they are no failure; whatever else goes wrong still is.
    command = [
        str(python),
        "-P",
        "-m",
        "flake8",
        "--isolated",
        "--select=AIO",
        "--exit-zero",
        "--count",
        *map(str, paths),
    ]
    return subprocess.run(command, cwd=str(folder)).returncode


if __name__ == "__main__":
    sys.exit(main())

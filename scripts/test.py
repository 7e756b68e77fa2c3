"""Run the tests in an environment of their own; further arguments are pytest's."""

import argparse
import subprocess
import sys
from pathlib import Path

from environment import ROOT, environment


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where the environment is, or will be")
    parser.add_argument(
        "--knowledge", action="store_true", help="also install the libraries that are known, and look their names up"
    )
    arguments, others = parser.parse_known_args()
    if arguments.knowledge:
        others = ["-m", "", *others]  # all tests, where pyproject.toml leaves these out
    groups = ["test", "knowledge"] if arguments.knowledge else ["test"]
    python = environment(arguments.venv.absolute(), groups)
    return subprocess.run([str(python), "-m", "pytest", *others], cwd=str(ROOT)).returncode


if __name__ == "__main__":
    sys.exit(main())

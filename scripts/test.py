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
    parser.add_argument(
        "--everyday", action="store_true", help="also install a language server, pre-commit and nbqa, and use them"
    )
    arguments, others = parser.parse_known_args()
    asked = [name for name in ("knowledge", "everyday") if getattr(arguments, name)]
    left = ["not " + name for name in ("knowledge", "everyday") if name not in asked]
    others = ["-m", " and ".join(left), *others]  # pyproject.toml leaves out both
    python = environment(arguments.venv.absolute(), ["test", *asked])
    return subprocess.run([str(python), "-m", "pytest", *others], cwd=str(ROOT)).returncode


if __name__ == "__main__":
    sys.exit(main())

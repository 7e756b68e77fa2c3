"""`flake8-asyncio summarize`: a table of knowledge for a package of the user's, from its sources and stubs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.options import BadOption
from flake8_asyncio.summary import Sources, find_blocking, summarize, written

HELP = "write what must be awaited and what blocks of a package into a table"
DESCRIPTION = (
    "Read the sources and stubs of an installed package, and write what of it must be awaited, and what of it blocks, "
    "as a table for --aio-knowledge. The package is not imported."
)
_PATH = "import json, sys; json.dump([each for each in sys.path if each], sys.stdout)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("package", metavar="PACKAGE", help="the name it is imported under, such as `warehouse`")
    parser.add_argument(
        "--python",
        metavar="PATH",
        type=Path,
        help="an environment, or its interpreter (default: the one that runs this)",
    )
    parser.add_argument(
        "--path", metavar="FOLDER", type=Path, action="append", default=[], help="a folder that has the package"
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="where to write it (default: standard output)")
    parser.set_defaults(run=lambda given: write_summary(given.package, given.python, given.path, given.output))


class NoPackage(BadOption):
    """A package of which nothing can be read."""


def write_summary(package: str, python: Path | None, folders: Sequence[Path], output: Path | None) -> int:
    """Write the table of a package, which one of the folders has, or else the environment of an interpreter."""
    sources = Sources(*(folder.absolute() for folder in folders or _search_path(python)))
    if not any(sources.modules(package)):
        places = ", ".join(map(str, sources.folders))
        raise NoPackage(f"no sources or stubs of `{package}` in {places}")
    knowledge = Knowledge()
    text = written(summarize(package, sources, knowledge, blocks=find_blocking([package], sources, knowledge)))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
    return 0


def _search_path(python: Path | None) -> list[Path]:
    """Where an interpreter looks for packages."""
    if python is None:
        return [Path(each) for each in sys.path if each]
    if python.is_dir():  # an environment's folder
        python = next(
            (file for file in (python / "bin" / "python", python / "Scripts" / "python.exe") if file.exists()), python
        )
    try:
        ran = subprocess.run([str(python), "-I", "-c", _PATH], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoPackage(f"{python} is not a Python interpreter that can be asked ({error})") from None
    return [Path(each) for each in json.loads(ran.stdout)]

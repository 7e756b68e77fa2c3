"""Runs the programs that users run, each in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

_LINE = re.compile(r"(?:\./)?(?P<path>.+?):(?P<line>\d+):\d+: (?P<code>AIO\d{3}) .+")


def clean_environment() -> dict[str, str]:
    """This process's environment without what would change how Python runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FLAKE8", "PYTEST"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}


def flake8(folder: Path, *arguments: str) -> set[tuple[str, int, str]]:
    """What flake8 reports with our codes selected, by (file, line, code); nothing else may be printed.

    `-P` keeps the files in `folder` from being taken for modules that flake8 imports.
    """
    result = subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--isolated", "--select=AIO", "--aio-no-cache", "-j1", *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.stderr == ""
    matches = [(line, _LINE.fullmatch(line)) for line in result.stdout.splitlines()]
    assert not [line for line, match in matches if not match]
    assert result.returncode == bool(matches)
    return {(match["path"].replace(os.sep, "/"), int(match["line"]), match["code"]) for _, match in matches if match}

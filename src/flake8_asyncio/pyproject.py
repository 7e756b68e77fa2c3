"""`[tool.flake8-asyncio]`: the table that holds for a file, read when the first file below it is linted.

It is the nearest one above the file, as far as the repository's root. What is wrong in it is said with its place and
with what was probably meant, before anything is linted by it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flake8_asyncio.options import DECLARED, BadOption, Declared, Form, Table, as_code

NAME = "pyproject.toml"
TOOL = "flake8-asyncio"
_REPOSITORY = (".git", ".hg")


class Tables:
    """The tables that hold in each folder, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, Table | BadOption] = {}

    def of(self, folder: Path) -> Table:
        """The table that holds in a folder; raises `BadOption` if it is wrong."""
        found = self._find(folder)
        if isinstance(found, BadOption):
            raise found
        return found

    def _find(self, folder: Path) -> Table | BadOption:
        passed = []
        found: Table | BadOption | None = None
        for each in (folder, *folder.parents):
            found = self._known.get(each)
            if found is not None:
                break
            passed.append(each)
            found = _in(each)
            if found is not None or any(os.path.exists(each / name) for name in _REPOSITORY):
                break
        found = found or Table()
        self._known.update(dict.fromkeys(passed, found))
        return found


def _in(folder: Path) -> Table | BadOption | None:
    try:
        return read_table(folder / NAME)
    except BadOption as error:
        return error


def read_table(file: Path) -> Table | None:
    """The table in a file; None if there is none. Raises `BadOption`, with the place and what belongs there."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if TOOL.encode() not in content:  # which spares most files the reading
        return None
    import tomllib

    where = _shown(file)
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadOption(f"{where}: no TOML: {error}") from None
    tool = document.get("tool")
    table = tool.get(TOOL) if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise BadOption(f"{where}: tool.{TOOL}: expected a table")
    declared = {each.name: each for each in DECLARED if each.for_pyproject}
    values = {}
    for key, value in table.items():
        if key not in declared:
            raise BadOption(f"{where}: tool.{TOOL}.{key}: {_unknown(key, declared)}")
        try:
            values[key] = _READERS[declared[key].form](value, file.parent)
        except _Wrong as error:
            raise BadOption(f"{where}: tool.{TOOL}.{key}: expected {error}") from None
    return Table(file, values)


class _Wrong(Exception):
    """A value that is not of its form; the message says what belongs there."""


def _unknown(key: str, declared: dict[str, Declared]) -> str:
    from difflib import get_close_matches

    other = next((each for each in DECLARED if each.name == key), None)
    if other is not None:
        return f"this belongs into flake8's configuration, as aio-{key}"
    close = get_close_matches(key.replace("_", "-").removeprefix("aio-"), declared, n=1)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    return f"there is no such option{hint or '; there are ' + ', '.join(declared)}"


def _strings(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise _Wrong(f"a list of {what}")
    return value


def _codes(value: Any, folder: Path) -> tuple[str, ...]:
    codes = _strings(value, 'codes, such as ["AIO390"]')
    try:
        return tuple(as_code(each) for each in codes)
    except BadOption as error:
        raise _Wrong(f"codes of ours: {str(error).partition(': ')[2]}") from None


def _paths(value: Any, folder: Path) -> tuple[Path, ...]:
    paths = tuple((folder / each).absolute() for each in _strings(value, "paths"))
    for each in paths:
        if not each.exists():
            raise _Wrong(f"paths that exist, and there is no {_shown(each)}")
    return paths


def _path(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("a path")
    return str((folder / value).absolute())


def _number(value: Any, folder: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise _Wrong("a positive whole number")
    return value


def _switch(value: Any, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _names(value: Any, folder: Path) -> list[str]:
    names = _strings(value, 'dotted names, such as ["package.module.function"]')
    for name in names:
        if not is_dotted(name.replace(":", ".")):
            raise _Wrong(f"dotted names, such as `package.module.function`, and not {name!r}")
    return names


def _claims(value: Any, folder: Path) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(each, str | dict) for each in value):
        raise _Wrong("a list of dotted names, or of tables with `calls`")
    _names([each for each in value if isinstance(each, str)], folder)
    return value


def is_dotted(name: str) -> bool:
    """Whether this is the name of something in a module."""
    return "." in name and all(part.isidentifier() for part in name.split("."))


_READERS: dict[Form, Callable[[Any, Path], Any]] = {
    Form.CODES: _codes,
    Form.FILES: _paths,
    Form.FOLDERS: _paths,
    Form.FILE: _path,
    Form.FOLDER: _path,
    Form.NUMBER: _number,
    Form.SWITCH: _switch,
    Form.NAMES: _names,
    Form.CLAIMS: _claims,
}


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)

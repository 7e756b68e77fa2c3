"""Where a project has threads ask the file system, and so holds that such questions stop its event loop.

Whether a file exists takes microseconds on a local disk and seconds on a network that hangs: nobody but the project
knows which it has to do with. To hand over one such question by itself costs more than to ask it, so who does that
means it. Files are looked at as text, as their facts would take far longer. Where a thread reads or writes a file, or
one is opened asynchronously, that says something of changes near by, which wait for the same disk, but nothing of
questions about other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ASK_PATHS = rb"exists|is_(?:file|dir|symlink|mount)|l?stat|samefile"
_CHANGE_PATHS = rb"unlink|mkdir|rmdir|touch|(?:sym|hard)link_to"
_ASK_OS = rb"path\.\w+|l?stat|access|readlink"
_CHANGE_OS = rb"remove|unlink|mkdir|makedirs|rmdir|rename|replace|utime|symlink"
_TO_THREAD = (
    rb"[\w.]*(?:\(\)\.)?\w*(?:thread|executor|run_sync|sync_to_async|blocking)\w*\("  # whatever it is called
    rb"\s*(?:(?:None|[\w.]*(?:executor|pool|loop))\s*,\s*)?"
)
_ASIDE = re.compile(
    rb"\bawait[ \t]+(?:aiofiles\.os(?:path)?|\w*(?:aios|aiofiles_os|async_os)\w*)\.(?:path\.)?(\w+)\("
    rb"|\bawait[ \t]+[\w.]*Path\([^\n]*\)\.(%s|%s)\("  # anyio's, as others cannot be awaited
    rb"|\bwrap\(os\.(%s|%s)\)"  # aiofiles'
    rb"|\bfrom[ \t]+aiofiles\.os(?:path)?[ \t]+import[ \t]+(?!wrap\b)(\w+)"
    rb"|\bawait[ \t]+%s(?:lambda[ \t]*:[ \t]*|[\w.]*partial\(\s*)?(?:os\.(%s|%s)|[\w.]+\.(%s|%s))\s*[,()]"
    % (*(_ASK_PATHS, _CHANGE_PATHS, _ASK_OS, _CHANGE_OS), _TO_THREAD, *(_ASK_OS, _CHANGE_OS, _ASK_PATHS, _CHANGE_PATHS))
)
_FILLING = re.compile(
    rb"\bawait[ \t]+(?:%s[\w.]+\.(?:read|write)_(?:text|bytes)\s*[,)]"
    rb"|[\w.]*Path\([^\n]*\)\.(?:read|write)_(?:text|bytes)\(|anyio\.open_file\()"
    rb"|\basync[ \t]+with[ \t]+aiofiles\.open\(" % _TO_THREAD
)
_CHANGE = re.compile(rb"(?:.*\.)?(?:%s|%s|renames|removedirs|truncate)" % (_CHANGE_OS, _CHANGE_PATHS))


class Aside(NamedTuple):
    """A line in which a thread is given something to ask the file system, or just to change there."""

    path: str
    line: int
    changes: bool


def read(path: str, text: bytes) -> Iterator[Aside]:
    """The places of a text, begun by a line end that does not count, in which it does so."""
    for found in _ASIDE.finditer(text) if b"await" in text else ():
        (name,) = filter(None, found.groups())
        yield Aside(path, text.count(b"\n", 0, found.start()), _CHANGE.fullmatch(name) is not None)


def filling(path: str, text: bytes) -> Iterator[Aside]:
    """The places of such a text in which a thread is given a file to read or write, or one is opened asynchronously."""
    for found in _FILLING.finditer(text) if b"await" in text else ():
        yield Aside(path, text.count(b"\n", 0, found.start()), changes=True)


def is_change(path: str) -> bool:
    """Whether a function changes something in the file system, which takes longer than to ask."""
    return _CHANGE.fullmatch(path.encode()) is not None

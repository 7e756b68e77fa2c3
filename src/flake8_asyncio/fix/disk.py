"""Files on disk, replaced as a whole or not at all.

A new file that takes the old one's name is never seen half written. Where it would be another file, to those who know
the old one by a second name or to its owner, and where none may be made beside it, the old file is written over.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from flake8_asyncio.fix.edits import NotFixed


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Give a file new bytes if it still has the old ones; its mode, owner and other names stay, and a link stays one.

    Raises `NotFixed` if it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotFixed("it is no regular file")
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
            raise NotFixed("it is read-only")
        if not _replace(target, status, old, new):
            _write_over(target, old, new)
    except OSError as error:
        raise NotFixed(f"it cannot be written: {error.strerror or error}") from None


def _replace(target: Path, status: os.stat_result, old: bytes, new: bytes) -> bool:
    """Put a new file in its place, if that would be the same file to everyone."""
    if status.st_nlink > 1:
        return False
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    except PermissionError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        if not _takes_after(Path(temporary), target, status):
            os.unlink(temporary)
            return False
        _check(target, old)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return True


def _takes_after(new: Path, old: Path, status: os.stat_result) -> bool:
    """Give a file the owner, the mode and the attributes of another one; False if that is not allowed."""
    if hasattr(os, "chown"):
        try:
            os.chown(new, status.st_uid, status.st_gid)
        except PermissionError:
            return False
    shutil.copystat(old, new)
    os.utime(new)
    return True


def _write_over(target: Path, old: bytes, new: bytes) -> None:
    _check(target, old)
    try:
        _fill(target, new)
    except BaseException:
        _fill(target, old)
        raise


def _fill(target: Path, content: bytes) -> None:
    with open(target, "r+b", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]
        file.truncate()
        os.fsync(file.fileno())


def _check(target: Path, old: bytes) -> None:
    if target.read_bytes() != old:
        raise NotFixed("it has changed since it was read")

"""Files on disk, replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from flake8_asyncio.fix.edits import NotFixed


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Give a file new bytes if it still has the old ones; its mode and owner stay, and a link stays a link.

    Whatever interrupts this, the file has the old bytes or the new ones. Raises `NotFixed` if it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotFixed("it is no regular file")
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
            raise NotFixed("it is read-only")
        _replace(target, status, old, new)
    except OSError as error:
        raise NotFixed(f"it cannot be written: {error.strerror or error}") from None


def _replace(target: Path, status: os.stat_result, old: bytes, new: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # who may write need not be the owner
                os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        if target.read_bytes() != old:
            raise NotFixed("it has changed since it was read")
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise

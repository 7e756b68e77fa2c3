"""Keep facts between runs, under a hash of everything that they depend on.

Facts depend on a file's bytes, its dotted name, this package's code and Python's version, so an entry is never wrong,
only unused, and processes may share a folder of them. A damaged entry is no entry; a folder that cannot be written is
no store. Entries that were written a month ago are thrown away, once a day: what is still needed is made again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flake8_asyncio import __version__
from flake8_asyncio.facts import codec
from flake8_asyncio.facts.model import Facts

_DAY = 24 * 60 * 60
_OLDEST = 30 * _DAY
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of flake8-asyncio; it may be deleted at any time.\n"


@functools.cache
def _salt() -> bytes:
    """What the entries depend on beside a file: this version, Python's, and the code that extracts facts."""
    here = Path(__file__).parent
    code = sorted(path for folder in (here, here.parent / "cost") for path in folder.glob("*.py"))
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in code]
    return f"{__version__} {sys.version_info[:2]} {stamps}".encode()


class Store:
    """Entries in a folder, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._is_writable = True
        self._is_pruned = False

    def key(self, module: str, is_package: bool, content: bytes) -> str:
        """Under which name the facts of these bytes are kept."""
        head = b"\0".join((_salt(), module.encode("utf-8", "surrogatepass"), b"%d" % is_package))
        return hashlib.sha256(head + b"\0" + content).hexdigest()

    def load(self, key: str) -> Facts | None:
        """The facts under a key; None if there are none that can be read."""
        try:
            return codec.decode(self._path(key).read_bytes())
        except (OSError, ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError):
            return None

    def save(self, key: str, facts: Facts) -> None:
        """Keep facts, if the folder lets us."""
        self.write(key, lambda: codec.encode(facts))

    def read(self, key: str) -> bytes | None:
        """What was written under a key."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def write(self, key: str, content: Callable[[], bytes]) -> None:
        """Keep something under a key, if the folder lets us."""
        if not self._is_writable:
            return
        path = self._path(key)
        name = ""
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                self._tag()
            with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
                name = file.name
                file.write(content())
            os.replace(name, path)
            self._prune()
        except (OSError, ValueError):
            self._is_writable = False
            if name:
                with contextlib.suppress(OSError):
                    os.unlink(name)

    def _prune(self) -> None:
        """Throw old entries away, if nobody has done so for a day."""
        if self._is_pruned:
            return
        self._is_pruned = True
        stamp, now = self.folder / "pruned", time.time()
        with contextlib.suppress(OSError):
            if stamp.exists() and now - stamp.stat().st_mtime < _DAY:
                return
            stamp.touch()
            for path in self.folder.glob("[0-9a-f][0-9a-f]/*.json"):
                with contextlib.suppress(OSError):  # another process was quicker
                    if now - path.stat().st_mtime > _OLDEST:
                        path.unlink()

    def _tag(self) -> None:
        tag = self.folder / "CACHEDIR.TAG"
        if not tag.exists():
            tag.write_text(_TAG, encoding="utf-8")
            (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.json"

"""Write `knowledge/plain_names.txt`: names that plain methods have in many libraries.

    python scripts/plain_names.py SITE_PACKAGES ...

looks at the standard library of the Python that runs it and at what is installed in these folders. A name is listed
that the standard library has, or two packages, or one if it is a single word: of a receiver whose type is not known,
such a name says nothing. The list's head says which versions were looked at; what the standard library has comes first,
but for modules whose objects are rarely met beside an event loop, and an empty line after it.
"""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "flake8_asyncio" / "knowledge" / "plain_names.txt"
_DEFINITION = re.compile(rb"\n[ \t]+def[ \t]+([a-zA-Z]\w*)")
_SKIPPED = {"test", "tests", "idlelib", "lib2to3", "site-packages", "__pycache__"}
_RARE = {
    "aifc", "asynchat", "asyncore", "bdb", "cgi", "cgitb", "chunk", "cmd", "code", "crypt", "ctypes", "curses", "dbm",
    "difflib", "dis", "distutils", "doctest", "ensurepip", "formatter", "imaplib", "imghdr", "mailbox", "modulefinder",
    "msilib", "netrc", "nntplib", "optparse", "pdb", "pickletools", "pipes", "plistlib", "poplib", "profile", "pydoc",
    "pydoc_data", "smtpd", "sndhdr", "sunau", "symtable", "tabnanny", "telnetlib", "tkinter", "tokenize", "trace",
    "turtle", "turtledemo", "unittest", "uu", "venv", "wave", "wsgiref", "xdrlib", "zipapp",
}  # fmt: skip


def plain_names(folder: Path, without: Set[str] = frozenset()) -> set[str]:
    """The names of the plain methods and inner functions below a folder, of all modules in it but these."""
    skipped = _SKIPPED | without
    return {
        name.decode()
        for path in _files(folder, skipped)
        for name in _DEFINITION.findall(path.read_bytes())
        if name.isascii()
    }


def _files(folder: Path, skipped: Set[str]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py*")):
        parts = path.relative_to(folder).with_suffix("").parts
        if path.suffix in (".py", ".pyi") and skipped.isdisjoint(parts) and path.is_file():
            yield path


def main(folders: list[Path]) -> None:
    """Write the list."""
    library = Path(sysconfig.get_paths()["stdlib"])
    standard = plain_names(library, _RARE)
    packages: dict[str, set[str]] = {}
    versions: set[str] = set()
    for folder in folders:
        for each in sorted(folder.iterdir()):
            if each.suffix == ".dist-info":
                versions.add(each.stem)
            elif each.is_dir() and each.name.isidentifier() and each.name not in _SKIPPED:
                packages.setdefault(each.name, set()).update(plain_names(each))
    counts = Counter(name for names in packages.values() for name in names)
    others = {name for name, count in counts.items() if count > 1 or "_" not in name}
    others = (others | plain_names(library)) - standard
    head = f"# Python {platform.python_version()} {' '.join(sorted(versions))}"
    lines = [head, *sorted(standard), "", *sorted(others), ""]
    TARGET.write_text("\n".join(lines), encoding="utf-8", newline="")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])

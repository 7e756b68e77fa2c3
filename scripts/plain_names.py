"""Write `knowledge/plain_names.txt`: names that plain methods have in many libraries.

    python scripts/plain_names.py SITE_PACKAGES ...

looks at the standard library of the Python that runs it and at what is installed in these folders. A name is listed
that the standard library has, or two packages, or one if it is a single word: of a receiver whose type is not known,
such a name says nothing. The list's head says which versions were looked at; what the standard library has comes first,
and an empty line after it.
"""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "flake8_asyncio" / "knowledge" / "plain_names.txt"
_DEFINITION = re.compile(rb"\n[ \t]+def[ \t]+([a-zA-Z]\w*)")
_SKIPPED = {"test", "tests", "idlelib", "lib2to3", "site-packages", "__pycache__"}


def plain_names(folder: Path) -> set[str]:
    """The names of the plain methods and inner functions below a folder."""
    return {
        name.decode() for path in _files(folder) for name in _DEFINITION.findall(path.read_bytes()) if name.isascii()
    }


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py*")):
        if path.suffix in (".py", ".pyi") and _SKIPPED.isdisjoint(path.relative_to(folder).parts) and path.is_file():
            yield path


def main(folders: list[Path]) -> None:
    """Write the list."""
    standard = plain_names(Path(sysconfig.get_paths()["stdlib"]))
    packages: dict[str, set[str]] = {}
    versions: set[str] = set()
    for folder in folders:
        for each in sorted(folder.iterdir()):
            if each.suffix == ".dist-info":
                versions.add(each.stem)
            elif each.is_dir() and each.name.isidentifier() and each.name not in _SKIPPED:
                packages.setdefault(each.name, set()).update(plain_names(each))
    counts = Counter(name for names in packages.values() for name in names)
    others = {name for name, count in counts.items() if count > 1 or "_" not in name} - standard
    head = f"# Python {platform.python_version()} {' '.join(sorted(versions))}"
    lines = [head, *sorted(standard), "", *sorted(others), ""]
    TARGET.write_text("\n".join(lines), encoding="utf-8", newline="")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])

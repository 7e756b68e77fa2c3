"""Where the packages of an environment lie, by its layout alone: no interpreter is started."""

from __future__ import annotations

from pathlib import Path

_LAYOUTS = (
    "lib/python3*/site-packages",
    "lib64/python3*/site-packages",
    "Lib/site-packages",
    "lib/python3/dist-packages",  # as Debian has it
)


def packages_in(environment: Path) -> tuple[str, ...]:
    """The folders with the packages of an environment, given as its folder or its interpreter; none if there are none.

    A folder of packages, as `pip install --target` makes, stands for itself if it is called `site-packages`.
    """
    folder = environment if environment.is_dir() else environment.parent.parent
    if folder.name == "site-packages":
        return (str(folder),)
    found = [each for layout in _LAYOUTS for each in sorted(folder.glob(layout)) if each.is_dir()]
    return tuple(str(each) for each in found if not any(each.samefile(other) for other in found[: found.index(each)]))

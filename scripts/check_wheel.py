"""Compare a wheel with the repository: every tracked file of the package is in it, and nothing else of ours."""

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/flake8_asyncio"
KINDS = {".md": "pages", ".toml": "knowledge", ".json": "data", ".py": "modules", ".typed": "marker"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    with zipfile.ZipFile(parser.parse_args().wheel) as wheel:
        names = set(wheel.namelist())
        [entry_points] = [wheel.read(name).decode() for name in names if name.endswith("/entry_points.txt")]
    packed = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    wanted = {name[len("src/") :] for name in tracked()}
    for problem, culprits in (("missing", wanted - packed), ("not tracked", packed - wanted)):
        if culprits:
            sys.exit("{}: {}".format(problem, ", ".join(sorted(culprits))))
    if "AIO = flake8_asyncio.plugin:Plugin" not in entry_points:
        sys.exit("the plugin is not among the entry points")
    if not any(name.endswith("/licenses/LICENSE") for name in names):
        sys.exit("the licence is missing")
    counts = ["{} {}".format(sum(name.endswith(end) for name in packed), kind) for end, kind in KINDS.items()]
    print("the wheel has " + ", ".join(counts))


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z", PACKAGE], cwd=str(ROOT), stdout=subprocess.PIPE, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


if __name__ == "__main__":
    main()

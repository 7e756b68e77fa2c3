"""What linting a folder costs, in CPU time, as ratios of measurements taken in one run.

Times are user plus system time of a child process and its children, as the kernel accounts for them (`wait4`), so that
other work on the machine disturbs little; where a measurement is repeated, rounds alternate between all of them and
the smallest counts.

flake8 has no switch to leave a plugin out, and loads whatever is installed. Two environments would differ in more than
the plugin (how many distributions are looked through, which files the system has cached), so every measurement runs in
the same environment, by the same few lines, which hide from flake8 the distributions of all plugins but the one named.
"Alone" hides them all.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OURS, PEER = "flake8-asyncio", "flake8-async"
SKIPPED = {".git", ".hg", ".svn", ".tox", ".nox", ".eggs", "__pycache__"}  # as flake8 does
COPIED = {".py", ".pyi", ".toml", ".cfg", ".ini"}

FLAKE8 = """
import importlib.metadata, sys
kept, every = {*sys.argv.pop(1).split(","), "flake8", "pyflakes", "pycodestyle"}, importlib.metadata.distributions
def plugins(**context):
    for each in every(**context):
        if each.metadata["Name"] in kept or not any(e.group.startswith("flake8.") for e in each.entry_points):
            yield each
importlib.metadata.distributions = plugins
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""

PARSE = """
import ast, sys, time, warnings
warnings.simplefilter("ignore")
contents = [open(name, "rb").read() for name in sys.stdin.read().splitlines()]
start = time.process_time()
for content in contents:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        pass
print(time.process_time() - start)
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and the most memory that a process of the measurement had, in megabytes."""

    seconds: float
    megabytes: float = 0.0


def main() -> None:
    """Measure the folder and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds, of which the smallest counts (3)")
    parser.add_argument("--changed", metavar="FILE", help="the file to change, relative to FOLDER (a largish one)")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has flake8-async (this one, if it has)")
    parser.add_argument("--ruff", metavar="PATH", default=shutil.which("ruff"), help="ruff (the one on PATH)")
    arguments = parser.parse_args()
    peer = arguments.peer or (sys.executable if has(PEER) else None)
    folder = arguments.folder.resolve()
    files = python_files(folder)
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(folder, files, Path(scratch), peer, arguments.ruff)
        changed = bench.copied(arguments.changed)
        whole = rounds(bench.whole(changed), arguments.repeat)
        one = rounds(bench.changed(changed), arguments.repeat)
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    print(f"{folder.name}: {len(files):,} files, {lines:,} lines; {python_and_flake8()}; best of {arguments.repeat}\n")
    table("all files, one process", whole, "flake8 alone")
    print()
    table(f"one changed file, warm: {changed} ({size(folder / changed):,} lines)", one, "flake8 alone")


@dataclass(frozen=True)
class Bench:
    """What can be measured, by name; each measurement prepares what it needs outside the time that it takes."""

    folder: Path
    files: list[Path]
    scratch: Path
    peer: str | None
    ruff: str | None

    @property
    def copy(self) -> Path:
        """Where files may be changed."""
        return self.scratch / "copy" / self.folder.name

    @property
    def kept(self) -> str:
        """The option that names the cache of the copy."""
        return f"--aio-cache-dir={self.scratch / 'changed'}"

    def whole(self, name: str) -> dict[str, Callable[[], Cost]]:
        """Linting everything; the file of this name is the one that changes."""
        cold, warm = self.scratch / "cold", self.scratch / "warm"

        def with_us_cold() -> Cost:
            shutil.rmtree(cold, ignore_errors=True)
            return flake8(self.folder, OURS, f"--aio-cache-dir={cold}")

        def with_us_changed() -> Cost:
            self.change(name)
            return flake8(self.copy, OURS, self.kept)

        flake8(self.folder, OURS, f"--aio-cache-dir={warm}")
        measurements = {
            "ast.parse of the files": lambda: parse(self.files),
            "flake8 alone": lambda: flake8(self.folder),
            "flake8 with us, cold": with_us_cold,
            "flake8 with us, warm": lambda: flake8(self.folder, OURS, f"--aio-cache-dir={warm}"),
            "flake8 with us, one file changed": with_us_changed,
            "flake8 with us, no cache": lambda: flake8(self.folder, OURS, "--aio-no-cache"),
        }
        if peer := self.peer:
            measurements["flake8 with flake8-async"] = lambda: flake8(self.folder, PEER, python=peer)
        if ruff := self.ruff:
            options = ["check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--select=ASYNC"]
            measurements["ruff, ASYNC only"] = lambda: run([ruff, *options, str(self.folder)], self.folder)
        return measurements

    def copied(self, name: str | None) -> str:
        """Copy the folder's sources, fill a cache from the copy, and say which file will be changed."""
        shutil.copytree(self.folder, self.copy, ignore=not_source, symlinks=True)
        flake8(self.copy, OURS, self.kept)
        by_size = sorted(self.files, key=lambda path: path.stat().st_size)
        return name or by_size[len(by_size) * 9 // 10].relative_to(self.folder).as_posix()

    def changed(self, name: str) -> dict[str, Callable[[], Cost]]:
        """Linting one file that has a new comment each time."""

        def alone() -> Cost:
            self.change(name)
            return flake8(self.copy, path=name)

        def with_us() -> Cost:
            self.change(name)
            return flake8(self.copy, OURS, self.kept, path=name)

        return {"flake8 alone": alone, "flake8 with us, warm": with_us}

    def change(self, name: str) -> None:
        """Give a file of the copy a new comment."""
        with (self.copy / name).open("a", encoding="utf-8") as file:
            file.write(f"# changed {os.urandom(8).hex()}\n")


def rounds(measurements: dict[str, Callable[[], Cost]], number: int) -> dict[str, Cost]:
    """The smallest of each, taken in turns."""
    taken: dict[str, list[Cost]] = {name: [] for name in measurements}
    for _ in range(number):
        for name, measure in measurements.items():
            taken[name].append(measure())
    return {
        name: Cost(min(each.seconds for each in costs), min(each.megabytes for each in costs))
        for name, costs in taken.items()
    }


def flake8(folder: Path, plugin: str = "", *options: str, path: str = ".", python: str = sys.executable) -> Cost:
    """flake8's default checks with one plugin or none; findings are no failure, anything else is."""
    return run([python, "-P", "-c", FLAKE8, plugin, "--isolated", "--exit-zero", "-j1", *options, path], folder)


def run(command: Sequence[str], folder: Path) -> Cost:
    """The cost of a command that must succeed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLAKE8_ASYNCIO")}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{command[0]} failed in {folder}:\n{errors.read().decode(errors='replace')}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def parse(files: list[Path]) -> Cost:
    """What the parser alone takes, without reading the files or starting Python."""
    names = "\n".join(map(str, files))
    result = subprocess.run([sys.executable, "-c", PARSE], input=names, capture_output=True, text=True, check=True)
    return Cost(float(result.stdout))


def table(title: str, costs: dict[str, Cost], reference: str) -> None:
    """Seconds, how many times the reference that is, what it adds to it, and memory."""
    width = max(len(title), *map(len, costs))
    base = costs[reference].seconds
    print(f"| {title:{width}} | CPU s | ratio | beyond, s | peak MB |")
    print(f"| {'-' * width} | ----: | ----: | --------: | ------: |")
    for name, cost in costs.items():
        beyond = f"{cost.seconds - base:+.2f}" if name.startswith("flake8 with") else ""
        memory = f"{cost.megabytes:.0f}" if cost.megabytes else ""
        print(f"| {name:{width}} | {cost.seconds:5.2f} | {cost.seconds / base:5.2f} | {beyond:>9} | {memory:>7} |")


def python_files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*.py") if not SKIPPED & set(path.relative_to(folder).parts))
    return sorted(path for path in found if path.is_file())


def not_source(folder: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name in SKIPPED or (Path(name).suffix not in COPIED and not (Path(folder) / name).is_dir())
    }


def has(distribution: str) -> bool:
    return any(each.metadata["Name"] == distribution for each in importlib.metadata.distributions())


def python_and_flake8() -> str:
    return f"Python {sys.version.split()[0]}, flake8 {importlib.metadata.version('flake8')}"


def size(path: Path) -> int:
    return path.read_bytes().count(b"\n")


if __name__ == "__main__":
    main()

"""What each rule costs, in CPU time, as a share of linting a folder with all of them.

What several rules need, such as the chains of calls or the races in a file, is worked out for the first that asks. So
the folder is linted with the rules in one order and in the other. The smaller time is a rule's own; the larger one is
what it takes when it comes first of those that need the same. Nothing comes from a cache.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from flake8_asyncio.lint import Linter, module_name, open_project
from flake8_asyncio.options import Options
from flake8_asyncio.rules import Rule
from flake8_asyncio.syntax.source import Unreadable, parse
from flake8_asyncio.views import ModuleView

SKIPPED = {".git", ".hg", ".svn", ".tox", ".nox", ".eggs", "__pycache__"}  # as flake8 does
FACTS = "facts of the files"


def main() -> None:
    """Measure the folder and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=10, metavar="N", help="rules to show (10)")
    arguments = parser.parse_args()
    files = sorted(each for each in arguments.folder.resolve().rglob("*.py") if SKIPPED.isdisjoint(each.parts))
    there, back = lint(files, 1), lint(files, -1)
    total = sum(there.values())
    print(f"{len(files)} files, {total:.1f} s; facts of the files {there[FACTS] / total:.0%}")
    print(f"{'':40} {'its own':>8} {'as first':>9}")
    own = {name: min(there[name], back[name]) for name in there if name != FACTS}
    first = {name: max(there[name], back[name]) for name in own}
    for name in sorted(own, key=lambda name: -first[name])[: arguments.most]:
        print(f"{name:40} {own[name] / total:8.1%} {first[name] / total:9.1%}")


def lint(files: Sequence[Path], step: int) -> dict[str, float]:
    """The seconds that each rule takes over all files, with the rules in this order."""
    linter = open_project(Options(use_cache=False))
    seconds: dict[str, float] = defaultdict(float)
    gc.collect()
    for path in files:
        start = time.process_time()
        module = view(linter, path)
        seconds[FACTS] += time.process_time() - start
        if module is not None:
            for rule in linter.rules[::step]:
                seconds[f"{rule.code} {rule.name}"] += run(rule, module)
    return seconds


def view(linter: Linter, path: Path) -> ModuleView | None:
    """The file as rules see it; None if it is not Python."""
    try:
        source = parse(path, module_name(path), path.read_bytes())
    except Unreadable:
        return None
    facts, world = linter.project.add(source)
    return ModuleView(source, facts, world, linter.options)


def run(rule: Rule, module: ModuleView) -> float:
    """The seconds that a rule takes for a file."""
    start = time.process_time()
    for _ in rule.check(module):
        pass
    return time.process_time() - start


if __name__ == "__main__":
    main()

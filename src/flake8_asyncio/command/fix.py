"""`flake8-asyncio fix`: what is found is mended in the files, or shown as a diff."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO

from flake8_asyncio.command.fixing import Fixed, Fixing
from flake8_asyncio.command.flags import add_flags, check_baseline, handed_on
from flake8_asyncio.command.formats.text import text
from flake8_asyncio.command.machinery import STDIN, Reported, Run
from flake8_asyncio.command.progress import Progress
from flake8_asyncio.syntax.source import Unreadable

DESCRIPTION = """\
Fix what is found, where that is safe: a safe fix keeps what a correct program did. Selection, `# noqa` and exclusion
hold as they do for linting. What is left is printed. The exit code is 0 if nothing is left, 1 if something is, and 2
if a file could not be written, or for a mistake in how it is called; with --diff, 1 if there is a difference."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the subcommand takes."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: this one); - for stdin to stdout"
    )
    parser.add_argument("--diff", action="store_true", help="write no file, and print what would change")
    parser.add_argument(
        "--unsafe", action="store_true", help="make the fixes as well that change what the program does"
    )
    add_flags(parser)
    parser.set_defaults(run=fix)


def fix(given: argparse.Namespace) -> int:
    """Fix files, and say what is left."""
    run = Run(handed_on(given, given.paths))
    check_baseline(given)
    files = run.files
    fixing = Fixing(run, unsafe=given.unsafe)
    is_stdin = STDIN in given.paths
    summary = _Summary(unsafe=given.unsafe, is_diff=given.diff)
    for fixed in [_stdin(fixing, is_excluded=STDIN not in files)] if is_stdin else _fixed(fixing, files):
        if given.diff:
            _write(fixed.diff())
        elif is_stdin:
            _write(fixed.new)
            _print(fixed.left, sys.stderr)
        else:
            fixed = fixing.write(fixed)
            _print(fixed.left, sys.stdout)
        summary.add(fixed)
    summary.print()
    return summary.exit_code


def _fixed(fixing: Fixing, files: tuple[str, ...]) -> list[Fixed]:
    with Progress(sys.stderr) as progress:
        return fixing.all(files, progress.show)


def _stdin(fixing: Fixing, *, is_excluded: bool) -> Fixed:
    """Standard input; what is excluded goes through as it is."""
    content = sys.stdin.buffer.read()
    path = fixing.run.options.stdin_display_name
    if is_excluded:
        return Fixed(path, [], content, content)
    try:
        return fixing.content(path, content)
    except Unreadable as error:
        return Fixed(path, [], content, content, words=[str(error)], is_error=True)


class _Summary:
    """What happened to all files."""

    def __init__(self, *, unsafe: bool, is_diff: bool) -> None:
        self.unsafe = unsafe
        self.is_diff = is_diff
        self.fixed = self.files = self.left = self.hidden = 0
        self.has_error = False

    def add(self, fixed: Fixed) -> None:
        """Count a file, and say why what is left in it was not fixed."""
        self.fixed += fixed.number
        self.files += fixed.is_changed
        self.left += len(fixed.left)
        fixes = (each.finding.fix for each in fixed.left)
        self.hidden += sum(each is not None and not each.is_safe for each in fixes) if not self.unsafe else 0
        self.has_error |= fixed.is_error
        for each in fixed.words:
            print(each, file=sys.stderr)

    def print(self) -> None:
        """Say what happened, in one line."""
        parts = []
        if self.fixed:
            verb = "would be fixed" if self.is_diff else "fixed"
            parts.append(f"{_number(self.fixed, 'finding')} {verb} in {_number(self.files, 'file')}")
        if self.left:
            hint = f" ({self.hidden} can be fixed with --unsafe)" if self.hidden else ""
            parts.append(f"{_number(self.left, 'finding')} left{hint}")
        print(", ".join(parts) or "nothing to fix", file=sys.stderr)

    @property
    def exit_code(self) -> int:
        """0 if nothing is left to do, 1 if something is, 2 if a file could not be fixed."""
        if self.has_error:
            return 2
        return int(bool(self.files if self.is_diff else self.left))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _print(left: list[Reported], stream: TextIO) -> None:
    stream.flush()
    stream.buffer.write("".join(f"{line}\n" for line in text(left)).encode("utf-8", "surrogateescape"))
    stream.flush()


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.flush()

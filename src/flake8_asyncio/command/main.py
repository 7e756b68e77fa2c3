"""The command's arguments; each subcommand has a module of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from flake8_asyncio import __version__
from flake8_asyncio.command import check, fix, summarize
from flake8_asyncio.command.facts import show_facts
from flake8_asyncio.command.rule import show_rules
from flake8_asyncio.command.why import show_why
from flake8_asyncio.knowledge import KnowledgeError
from flake8_asyncio.options import BadOption
from flake8_asyncio.syntax.source import Unreadable

USAGE_ERROR = 2
INTERRUPTED = 130  # as shells say
_FACTS = """\
Show what the linter takes from a file before it looks at any other: its imports, classes and functions, and in each
function the calls, with what becomes of their values. That is where to look when a finding is missing or wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 for success, 2 for what the user should change."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.run is None:
        parser.print_help()
        return USAGE_ERROR
    try:
        return int(given.run(given))
    except BrokenPipeError:  # `flake8-asyncio rule --all | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"flake8-asyncio: {f'{error.filename}: ' if error.filename else ''}{error.strerror}", file=sys.stderr)
        return USAGE_ERROR
    except (Unreadable, KnowledgeError, BadOption) as error:
        print(f"flake8-asyncio: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("flake8-asyncio: interrupted", file=sys.stderr)
        return INTERRUPTED


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="flake8-asyncio",
        description="Find the pitfalls of asyncio programs, and explain what is found.",
    )
    parser.add_argument("--version", action="version", version=f"flake8-asyncio {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    many = "%(prog)s [OPTION ...] [PATH ...]"
    checking = commands.add_parser("check", help="find pitfalls, and nothing else", description=check.DESCRIPTION)
    checking.usage = many
    check.add_arguments(checking)

    fixing = commands.add_parser("fix", help="mend what is found", description=fix.DESCRIPTION)
    fixing.usage = many
    fix.add_arguments(fixing)

    rule = commands.add_parser("rule", help="explain a rule", description="Explain a rule, or all of them.")
    rule.add_argument(
        "code", nargs="?", metavar="CODE", help="the rule's code or name, such as AIO401 or blocking-sleep"
    )
    rule.add_argument("--all", action="store_true", help="every rule")
    rule.add_argument("--json", action="store_true", help="as JSON")
    rule.set_defaults(run=lambda given: show_rules(given.code, every=given.all, as_json=given.json))

    why = commands.add_parser(
        "why",
        help="explain what is known about the calls on a line",
        description="What the calls on a line mean, whether they are awaited, block or run a loop, by which chain, "
        "and why something was reported or not.",
    )
    why.add_argument("place", metavar="FILE:LINE", type=_place, help="the line to explain, such as app.py:12")
    for name, metavar, text in (
        ("--aio-knowledge", "FILE", "a knowledge file to read besides those of the configuration"),
        ("--aio-roots", "FOLDER", "a folder from which imports count besides"),
    ):
        why.add_argument(name, metavar=metavar, action="append", default=[], help=text)
    why.set_defaults(run=lambda given: show_why(given.place[0], given.place[1], given.aio_knowledge, given.aio_roots))

    facts = commands.add_parser("facts", help="show what a file says by itself", description=_FACTS)
    facts.add_argument("file", metavar="FILE", type=Path, help="a Python file")
    facts.set_defaults(run=lambda given: show_facts(given.file))

    summarizing = commands.add_parser("summarize", help=summarize.HELP, description=summarize.DESCRIPTION)
    summarize.add_arguments(summarizing)
    return parser


def _place(text: str) -> tuple[Path, int]:
    path, _, line = text.rpartition(":")
    if not path or not line.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FILE:LINE, such as app.py:12")
    return Path(path), int(line)

"""flake8's options and ours, where a subcommand takes them over: declared, and handed on as they were given."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flake8_asyncio.options import DECLARED, BadOption
from flake8_asyncio.rules import all_rules


@dataclass(frozen=True, slots=True)
class _Flag:
    """An option of flake8 that is handed on; one without a metavar takes no value."""

    name: str
    metavar: str
    help: str
    has_codes: bool = False

    @property
    def attribute(self) -> str:
        """What argparse is to call it, apart from the subcommand's own options."""
        return "flake8" + self.name.removeprefix("-").replace("-", "_")


_OF_FLAKE8 = (
    _Flag("--select", "CODES", "findings to show: codes or prefixes of codes such as AIO4", has_codes=True),
    _Flag("--extend-select", "CODES", "findings to show besides", has_codes=True),
    _Flag("--ignore", "CODES", "findings to leave out", has_codes=True),
    _Flag("--extend-ignore", "CODES", "findings to leave out besides", has_codes=True),
    _Flag("--per-file-ignores", "PAIRS", "findings to leave out in some files, such as tests/*:AIO4"),
    _Flag("--exclude", "PATTERNS", "files and folders to leave out"),
    _Flag("--extend-exclude", "PATTERNS", "files and folders to leave out besides"),
    _Flag("--filename", "PATTERNS", "names of the files to look at in folders (default: *.py)"),
    _Flag("--stdin-display-name", "NAME", "the name of what is read from standard input, with -"),
    _Flag("--jobs", "NUMBER", "how many processes work at a time (default: as many as there are processors)"),
    _Flag("--config", "FILE", "flake8's configuration file, instead of the one that is found"),
    _Flag("--append-config", "FILE", "a configuration file to read besides"),
    _Flag("--isolated", "", "read no configuration file"),
    _Flag("--disable-noqa", "", "report in spite of `# noqa`"),
)
_OF_OURS = tuple(
    _Flag(each.flag, each.metavar, each.help[:1].lower() + each.help[1:].rstrip("."))
    for each in DECLARED
    if each.for_flake8 and each.for_commands
)


_SHORT = {"--jobs": ("-j",), "--aio-baseline": ("--baseline",)}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the options that are handed on."""
    for title, flags in (("options of flake8", _OF_FLAKE8), ("options of the linter", _OF_OURS)):
        group = parser.add_argument_group(title, "as in its configuration files")
        for flag in flags:
            name = (*_SHORT.get(flag.name, ()), flag.name)
            if flag.metavar:
                group.add_argument(
                    *name, metavar=flag.metavar, help=_escaped(flag), action="append", dest=flag.attribute
                )
            else:
                group.add_argument(*name, help=_escaped(flag), action="store_true", dest=flag.attribute)


def check_baseline(given: argparse.Namespace) -> None:
    """Raise `BadOption` if a file of accepted findings is named on the command line that is not there."""
    for name in given.flake8_aio_baseline or ():
        if not Path(name).exists():
            raise BadOption(f"there is no file {name}; `flake8-asyncio check --write-baseline` makes it")


def handed_on(given: argparse.Namespace, paths: Sequence[str]) -> list[str]:
    """The arguments for flake8; raises `BadOption` for a code that no rule has."""
    return [*_options(given), "--", *paths]


def _options(given: argparse.Namespace) -> Iterator[str]:
    if given.flake8_isolated:
        yield "--aio-no-pyproject"
    for flag in (*_OF_FLAKE8, *_OF_OURS):
        value = getattr(given, flag.attribute)
        if not flag.metavar:
            yield from [flag.name] if value else []
            continue
        for each in value or ():
            if flag.has_codes:
                _check_codes(flag.name, each)
            yield f"{flag.name}={each}"
    if not given.flake8_aio_enable and (named := _opt_in(given.flake8_select or ())):
        yield f"--aio-enable={','.join(named)}"


def _opt_in(selected: Sequence[str]) -> list[str]:
    """The opt-in rules that are selected by their whole code: who does that wants them to run."""
    codes = {code for text in selected for code in text.replace(",", " ").split()}
    return [rule.code for rule in all_rules() if not rule.by_default and rule.code in codes]


def _check_codes(name: str, text: str) -> None:
    known = [rule.code for rule in all_rules()]
    for code in text.replace(",", " ").split():
        if not any(each.startswith(code) for each in known):
            close = difflib.get_close_matches(code.upper(), [*known, "AIO"], 1)
            hint = f"; did you mean {close[0]}?" if close else "; `flake8-asyncio rule --all` lists them"
            raise BadOption(f"{name}: no rule has the code {code}{hint}")


def _escaped(flag: _Flag) -> str:
    return flag.help.replace("%", "%%")

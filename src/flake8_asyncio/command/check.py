"""`flake8-asyncio check`: our findings alone, in the form that a person or a program wants them."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from flake8_asyncio.baseline import Baseline
from flake8_asyncio.command.flags import add_flags, check_baseline, handed_on
from flake8_asyncio.command.formats import AS_TEXT, FORMATS, WITH_EDITS
from flake8_asyncio.command.machinery import INTERNAL, Reported, Run, shown
from flake8_asyncio.command.progress import Progress
from flake8_asyncio.options import BadOption

_BASELINE = "asyncio-baseline.json"

DESCRIPTION = """\
Find asyncio's pitfalls, and nothing else: flake8's configuration, exclusion, `# noqa` and jobs hold as always, but no
other check runs. The exit code is 0 if nothing is found, 1 if something is, and 2 for a mistake in how it is called."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the subcommand takes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this one); - for stdin")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", metavar="FORMAT", help=f"one of {', '.join(FORMATS)}"
    )
    parser.add_argument("--output-file", metavar="FILE", type=Path, help="write there instead of to standard output")
    parser.add_argument("--statistics", action="store_true", help="count the findings of each rule at the end")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    parser.add_argument(
        "--write-baseline",
        action="store_true",
        help=f"accept what is found for now, in the file that --baseline names, or else in {_BASELINE}",
    )
    add_flags(parser)
    parser.set_defaults(run=check)


def check(given: argparse.Namespace) -> int:
    """Lint, and print what is found."""
    run = Run(handed_on(given, given.paths), edits=given.format in WITH_EDITS)
    files = run.files
    with Progress(sys.stderr) as progress:
        found = list(run.check_all(files, progress.show))
    if given.write_baseline:
        return _write_baseline(run.baseline or Path(_BASELINE), found)
    check_baseline(given)
    if run.baseline is not None:
        found = list(without_accepted(Baseline.read(run.baseline), found))
    lines = [*FORMATS[given.format](found)]
    if given.statistics:
        (lines.extend if given.format in ("text", "full") else _to_stderr)(_statistics(found))
    _write(lines, given.output_file, "surrogateescape" if given.format in AS_TEXT else "backslashreplace")
    return 0 if given.exit_zero or not found else 1


def without_accepted(baseline: Baseline, found: Sequence[Reported]) -> Iterator[Reported]:
    """What is found beyond what is accepted; a file that cannot be read is never accepted."""
    for path in dict.fromkeys(each.path for each in found):
        in_file = [each for each in found if each.path == path]
        yield from baseline.new(Path(path).absolute(), in_file, _described)


def _described(reported: Reported) -> tuple[str, str, str]:
    return reported.code, reported.function, reported.lines[0] if reported.lines else ""


def _write_baseline(path: Path, found: Sequence[Reported]) -> int:
    broken = [each for each in found if each.rule is None]
    if broken:
        each = broken[0]
        what = "flake8-asyncio failed" if each.code == INTERNAL else "the file cannot be read"
        raise BadOption(f"{each.path}:{each.line}: {what}, so no baseline is written: {each.finding.message}")
    baseline = Baseline(path.absolute(), Counter())
    baseline.write(baseline.known(baseline.named(Path(each.path).absolute()), *_described(each)) for each in found)
    print(f"{len(found)} findings are accepted in {shown(path)}", file=sys.stderr)
    return 0


def _statistics(found: Iterable[Reported]) -> list[str]:
    counts = Counter(each.code for each in found)
    names = {each.code: each.rule.summary if each.rule else each.finding.message for each in found}
    width = len(str(max(counts.values(), default=0)))
    return [f"{count:>{width}} {code} {names[code]}" for code, count in sorted(counts.items())]


def _to_stderr(lines: Sequence[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _write(lines: Sequence[str], file: Path | None, errors: str) -> None:
    """Write lines; names of files need not be UTF-8: text has their bytes, and JSON escapes them."""
    text = "".join(f"{line}\n" for line in lines)
    if file is not None:
        file.write_text(text, encoding="utf-8", errors=errors)
        return
    sys.stdout.flush()
    buffer: Callable[[bytes], object] | None = getattr(getattr(sys.stdout, "buffer", None), "write", None)
    if buffer is not None:  # whatever encoding the terminal claims, as flake8 does
        buffer(text.encode("utf-8", errors))
    else:
        sys.stdout.write(text)
    sys.stdout.flush()

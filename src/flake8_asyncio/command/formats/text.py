"""For people: flake8's own line for each finding, or that line with the source and the chain of calls drawn below."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from flake8_asyncio.command.machinery import Reported, shown
from flake8_asyncio.syntax.source import Span

_MOST = 3  # lines of source of one place; a loop's body may be long


def text(findings: Sequence[Reported]) -> Iterator[str]:
    """As flake8 writes them."""
    for each in findings:
        yield f"{each.path}:{each.line}:{each.column}: {each.code} {each.finding.message}"


def full(findings: Sequence[Reported]) -> Iterator[str]:
    """With the source of each finding, and below it the places that it mentions."""
    for each in findings:
        yield from text([each])
        yield from _drawn(each)
        yield ""


def _drawn(reported: Reported) -> Iterator[str]:
    finding = reported.finding
    spans = [finding.span, *(place.span for place in finding.places)]
    width = max(len(str(min(span.end_line, span.line + _MOST - 1))) for span in spans) + 2
    margin = " " * (width + 1)
    yield from _source(reported.lines, finding.span, width)
    for index, (place, lines) in enumerate(zip(finding.places, reported.texts, strict=True), start=1):
        branch = "╰─" if index == len(finding.places) else "├─"
        where = f", in {place.function}: {place.text}" if place.function else f": {place.text}"
        yield f"{margin}{branch} {shown(place.path)}:{place.span.line}{where}"
        yield from _source(lines, place.span, width)
    if finding.fix is not None and reported.edits:
        manner = "" if finding.fix.is_safe else " --unsafe"
        yield f"{margin}= `flake8-asyncio fix{manner}` can mend this"


def _source(lines: Sequence[str], span: Span, width: int) -> Iterator[str]:
    """The lines of a place with a mark below: its stretch if it is on one line, else where it starts."""
    if not lines:
        return
    for number, line in enumerate(lines[:_MOST], start=span.line):
        yield f"{number:>{width}} │ {line}".rstrip()
        if number == span.line:
            end = span.end_column if span.end_line == span.line else len(line)
            blank = "".join("\t" if each == "\t" else " " * _columns(each) for each in line[: span.column])
            yield f"{'':>{width}} │ {blank}{'^' * max(_columns(line[span.column : end]), 1)}"
    if len(lines) > _MOST:
        yield f"{'':>{width}} │ …"


def _columns(characters: str) -> int:
    """How many columns of a terminal these take."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in characters)
    marks = sum(unicodedata.combining(each) > 0 for each in characters)
    return len(characters) + wide - marks

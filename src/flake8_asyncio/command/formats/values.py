"""Findings as plain values, in the words that ruff's JSON has for them: rows and columns count from 1."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from flake8_asyncio.command.machinery import Reported, shown
from flake8_asyncio.finding import Place
from flake8_asyncio.fix.titles import title
from flake8_asyncio.syntax.source import Span


def as_json(findings: Sequence[Reported]) -> Iterator[str]:
    """A list of objects, one for each finding."""
    yield json.dumps([described(each) for each in findings], indent=2, ensure_ascii=False)


def described(reported: Reported) -> dict[str, Any]:
    """Everything that is known about a finding."""
    finding, rule = reported.finding, reported.rule
    return {
        "code": reported.code,
        "name": rule.name if rule else None,
        "message": finding.message,
        "filename": slashed(reported.path),
        **location(finding.span),
        "function": reported.function or None,
        "chain": [_place(each) for each in finding.chain],
        "related": [_place(each) for each in finding.places if not each.function],
        "fix": _fix(reported),
        "url": rule.url if rule else None,
    }


def _fix(reported: Reported) -> dict[str, Any] | None:
    fix = reported.finding.fix
    if fix is None or not reported.edits:
        return None
    return {
        "applicability": "safe" if fix.is_safe else "unsafe",
        "message": title(fix),
        "edits": [{"content": each.text, **location(each.span)} for each in reported.edits],
    }


def location(span: Span) -> dict[str, Any]:
    """Where something begins and ends."""
    return {
        "location": {"row": span.line, "column": span.column + 1},
        "end_location": {"row": span.end_line, "column": span.end_column + 1},
    }


def slashed(path: str) -> str:
    """A path with slashes, as it is written in every system's reports, and from here if it is below."""
    return os.path.normpath(shown(path)).replace(os.sep, "/")


def _place(place: Place) -> dict[str, Any]:
    return {
        "filename": slashed(shown(place.path)),
        **location(place.span),
        "text": place.text,
        **({"function": place.function} if place.function else {}),
    }

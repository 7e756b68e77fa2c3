"""What shows findings beside the changed lines of a merge request: GitHub, GitLab, and reviewdog for all others."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from flake8_asyncio.command.formats.values import slashed
from flake8_asyncio.command.machinery import Reported, shown
from flake8_asyncio.finding import Place
from flake8_asyncio.fix.edits import Edit
from flake8_asyncio.rules import DOCUMENTATION
from flake8_asyncio.syntax.source import Span


def github(findings: Sequence[Reported]) -> Iterator[str]:
    """Commands that a workflow of GitHub reads from the output of its steps."""
    for each in findings:
        span = each.finding.span
        rule = f" {each.rule.name}" if each.rule else ""
        values = {
            "file": slashed(each.path),
            "line": span.line,
            "endLine": span.end_line,
            "col": each.column,
            **({"endColumn": span.end_column + 1} if span.line == span.end_line else {}),
            "title": f"{each.code}{rule}",
        }
        listed = ",".join(f"{key}={_property(str(value))}" for key, value in values.items())
        yield f"::{'warning' if each.rule else 'error'} {listed}::{_escaped(f'{each.code} {each.finding.message}')}"


def gitlab(findings: Sequence[Reported]) -> Iterator[str]:
    """GitLab's code quality report; a fingerprint stays as it is when lines move."""
    seen: Counter[str] = Counter()
    rows = []
    for each in findings:
        text = "\0".join((slashed(each.path), each.code, each.function, *(line.strip() for line in each.lines[:1])))
        seen[text] += 1
        rows.append(
            {
                "description": f"{each.code} {each.finding.message}",
                "check_name": each.rule.name if each.rule else each.code,
                "fingerprint": hashlib.sha256(os.fsencode(f"{text}\0{seen[text]}")).hexdigest(),
                "severity": "major" if each.rule else "critical",
                "location": {"path": slashed(each.path), "lines": {"begin": each.line}},
            }
        )
    yield json.dumps(rows, indent=2, ensure_ascii=False)


def rdjson(findings: Sequence[Reported]) -> Iterator[str]:
    """reviewdog's format."""
    document = {
        "source": {"name": "flake8-asyncio", "url": DOCUMENTATION},
        "severity": "WARNING",
        "diagnostics": [_diagnostic(each) for each in findings],
    }
    yield json.dumps(document, indent=2, ensure_ascii=False)


def _diagnostic(reported: Reported) -> dict[str, Any]:
    finding = reported.finding
    url = {"url": reported.rule.url} if reported.rule else {}
    related = [_related(each, lines) for each, lines in zip(finding.places, reported.texts, strict=True)]
    return {
        "message": finding.message,
        "location": {"path": slashed(reported.path), "range": _range(finding.span, reported.lines)},
        "severity": "WARNING" if reported.rule else "ERROR",
        "code": {"value": reported.code, **url},
        **({"related_locations": related} if related else {}),
        **({"suggestions": [_suggestion(each, reported) for each in reported.edits]} if _is_local(reported) else {}),
    }


def _related(place: Place, lines: Sequence[str]) -> dict[str, Any]:
    where = f"{place.text}, in {place.function}" if place.function else place.text
    return {"message": where, "location": {"path": slashed(shown(place.path)), "range": _range(place.span, lines)}}


def _is_local(reported: Reported) -> bool:
    """Whether a fix is one edit within the finding's own lines: suggestions are taken one by one, or not."""
    span = reported.finding.span
    return len(reported.edits) == 1 and all(
        span.line <= each.span.line and each.span.end_line <= span.end_line for each in reported.edits
    )


def _suggestion(edit: Edit, reported: Reported) -> dict[str, Any]:
    first = edit.span.line - reported.line
    lines = reported.lines[first : first + edit.span.end_line - edit.span.line + 1]
    return {"range": _range(edit.span, lines), "text": edit.text}


def _range(span: Span, lines: Sequence[str]) -> dict[str, Any]:
    """reviewdog counts columns in bytes, from 1."""
    first = lines[0] if lines else ""
    last = lines[span.end_line - span.line] if len(lines) > span.end_line - span.line else ""
    return {
        "start": {"line": span.line, "column": len(first[: span.column].encode()) + 1},
        "end": {"line": span.end_line, "column": len(last[: span.end_column].encode()) + 1},
    }


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")

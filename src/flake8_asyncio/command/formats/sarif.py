"""SARIF 2.1.0, which GitHub's code scanning and most viewers of findings read.

A chain of calls is a code flow: from the finding, through the calls on the way, to the cause.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flake8_asyncio import __version__
from flake8_asyncio.command.formats.values import slashed
from flake8_asyncio.command.machinery import Reported, shown
from flake8_asyncio.finding import Fix, Place
from flake8_asyncio.fix.edits import Edit
from flake8_asyncio.fix.titles import title
from flake8_asyncio.rules import DOCUMENTATION, Rule
from flake8_asyncio.syntax.source import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "ROOT"


def sarif(findings: Sequence[Reported]) -> Iterator[str]:
    """One run, with the rules that found something and the files that could not be read."""
    rules = sorted({each.rule for each in findings if each.rule}, key=lambda rule: rule.code)
    indexes = {rule.code: index for index, rule in enumerate(rules)}
    unreadable = [each for each in findings if each.rule is None]
    driver = {
        "name": "flake8-asyncio",
        "version": __version__,
        "semanticVersion": _semantic(__version__),
        "informationUri": DOCUMENTATION,
        "rules": [_rule(each) for each in rules],
    }
    invocation = {
        "executionSuccessful": not unreadable,
        "toolExecutionNotifications": [_notification(each) for each in unreadable],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": Path.cwd().as_uri() + "/"}},
        "invocations": [invocation],
        "results": [_result(each, indexes[each.code]) for each in findings if each.rule],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page.read_text(encoding="utf-8")
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": page, "markdown": page},
        "helpUri": rule.url,
        "defaultConfiguration": {"enabled": rule.by_default, "level": "warning"},
        "properties": {"tags": ["asyncio", rule.family]},
    }


def _result(reported: Reported, index: int) -> dict[str, Any]:
    finding = reported.finding
    places = [(each, lines) for each, lines in zip(finding.places, reported.texts, strict=True)]
    own = _location(reported.path, finding.span, reported.lines, reported.function)
    result = {
        "ruleId": reported.code,
        "ruleIndex": index,
        "level": "warning",
        "message": {"text": _sentence(finding.message)},
        "locations": [own],
    }
    if places:
        result["relatedLocations"] = [
            {"id": number, **_place(each, lines)} for number, (each, lines) in enumerate(places, start=1)
        ]
    if finding.fix is not None and reported.edits:
        result["fixes"] = [_fix(finding.fix, own["physicalLocation"]["artifactLocation"], reported.edits)]
    if finding.chain:
        start = {"location": {**own, "message": {"text": "The chain of calls starts here."}}}
        steps = [{"location": _place(each, lines)} for each, lines in places if each.function]
        result["codeFlows"] = [{"threadFlows": [{"locations": [start, *steps]}]}]
    return result


def _fix(fix: Fix, artifact: dict[str, str], edits: Sequence[Edit]) -> dict[str, Any]:
    replacements = [{"deletedRegion": _region(each.span), "insertedContent": {"text": each.text}} for each in edits]
    manner = "" if fix.is_safe else " (unsafe: it may change what the program does)"
    return {
        "description": {"text": f"{title(fix)}{manner}."},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }


def _place(place: Place, lines: Sequence[str]) -> dict[str, Any]:
    text = f"`{place.text}` is called in `{place.function}`." if place.function else _sentence(place.text)
    return {**_location(place.path, place.span, lines, place.function), "message": {"text": text}}


def _location(path: str, span: Span, lines: Sequence[str], function: str) -> dict[str, Any]:
    relative = shown(path)
    is_below = not os.path.isabs(relative)
    artifact = {"uri": _quoted(relative), "uriBaseId": _ROOT} if is_below else {"uri": Path(path).as_uri()}
    region = _region(span)
    if lines:
        region["snippet"] = {"text": "\n".join(lines)}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    if function:
        location["logicalLocations"] = [{"fullyQualifiedName": function, "kind": "function"}]
    return location


def _region(span: Span) -> dict[str, Any]:
    return {
        "startLine": span.line,
        "startColumn": span.column + 1,
        "endLine": span.end_line,
        "endColumn": span.end_column + 1,
    }


def _notification(reported: Reported) -> dict[str, Any]:
    place = _location(reported.path, reported.finding.span, (), "")
    return {"level": "error", "message": {"text": _sentence(reported.finding.message)}, "locations": [place]}


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(slashed(path)))


def _sentence(text: str) -> str:
    """SARIF asks for sentences; ours begin in the middle of flake8's line."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _semantic(version: str) -> str:
    return version if version.count(".") > 1 else f"{version}.0"

"""A plugin for python-lsp-server: findings with exact ranges, links and the places of a chain, and fixes to apply.

The server calls flake8 as well, if it is told to, and then findings come that way; fixes come from here all the same.
"""

from __future__ import annotations

import configparser
import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pylsp import hookimpl

from flake8_asyncio.baseline import Baseline
from flake8_asyncio.command.check import without_accepted
from flake8_asyncio.command.machinery import Reported, Run, lines_of
from flake8_asyncio.fix.titles import title
from flake8_asyncio.options import BadOption
from flake8_asyncio.syntax.source import Span

_WARNING = 2
_ERROR = 1
_working = threading.Lock()  # the plugin's session is one for the process


@hookimpl
def pylsp_settings() -> dict[str, Any]:
    """On, unless the user says otherwise."""
    return {"plugins": {"flake8_asyncio": {"enabled": True}}}


@hookimpl
def pylsp_lint(config: Any, workspace: Any, document: Any) -> list[dict[str, Any]]:
    """The findings in a document as it stands in the editor."""
    if config.plugin_settings("flake8").get("enabled"):
        return []
    lines = _lines(document)
    return [_diagnostic(each, lines) for each in _found(workspace, document, lines, edits=False)]


@hookimpl
def pylsp_code_actions(workspace: Any, document: Any, range: Any) -> list[dict[str, Any]]:  # noqa: A002
    """The fixes of the findings in a range."""
    lines = _lines(document)
    found = _found(workspace, document, lines, edits=True)
    return [_action(each, document.uri, lines) for each in found if each.edits and _touches(each, range)]


def _found(workspace: Any, document: Any, lines: list[str], *, edits: bool) -> Sequence[Reported]:
    """The findings, by the settings of the workspace; a setting that makes no sense is a finding at the top."""
    settings = _configuration(Path(workspace.root_path)) if workspace.root_path else None
    arguments = [f"--config={settings}"] if settings else ["--isolated"]
    with _working:
        try:
            run = Run([*arguments, "--jobs=1", "--", document.path], edits=edits)
            found = run.check(document.path, lines)
            folder = Path(document.path).parent
            baseline = run.baseline_of(folder)
            return found if baseline is None else list(without_accepted(Baseline.read(baseline), found))
        except BadOption as error:
            return [Reported.of_mistake(document.path, str(error))]


def _configuration(folder: Path) -> Path | None:
    """The file that flake8 would read if it were called in a folder: it looks in its own, which is the server's."""
    for each in (folder, *folder.parents):
        for file in (each / "setup.cfg", each / "tox.ini", each / ".flake8"):
            parser = configparser.RawConfigParser()
            try:
                parser.read(file, encoding="utf-8")
            except (UnicodeDecodeError, configparser.Error):
                continue
            if parser.has_section("flake8"):
                return file
        if each == Path.home():
            break
    return None


def _lines(document: Any) -> list[str]:
    return io.StringIO(document.source, newline=None).readlines()


def _diagnostic(reported: Reported, lines: Sequence[str]) -> dict[str, Any]:
    finding, rule = reported.finding, reported.rule
    diagnostic = {
        "source": "flake8-asyncio",
        "code": reported.code,
        "message": finding.message,
        "severity": _WARNING if rule else _ERROR,
        "range": _range(finding.span, lines),
    }
    if rule:
        diagnostic["codeDescription"] = {"href": rule.url}
    if finding.places:
        diagnostic["relatedInformation"] = [
            {
                "location": {
                    "uri": Path(each.path).as_uri(),
                    "range": _range(each.span, lines if each.path == reported.path else lines_of(each.path)),
                },
                "message": f"{each.function}: {each.text}" if each.function else each.text,
            }
            for each in finding.places
        ]
    return diagnostic


def _action(reported: Reported, uri: str, lines: Sequence[str]) -> dict[str, Any]:
    fix = reported.finding.fix
    assert fix is not None
    edits = [{"range": _range(each.span, lines), "newText": each.text} for each in reported.edits]
    return {
        "title": f"{title(fix)} ({reported.code})",
        "kind": "quickfix",
        "isPreferred": fix.is_safe,
        "diagnostics": [_diagnostic(reported, lines)],
        "edit": {"changes": {uri: edits}},
    }


def _touches(reported: Reported, stretch: dict[str, Any]) -> bool:
    span = reported.finding.span
    return bool(stretch["start"]["line"] < span.end_line and span.line - 1 <= stretch["end"]["line"])


def _range(span: Span, lines: Sequence[str]) -> dict[str, Any]:
    """A stretch as the protocol counts: lines from 0, columns in UTF-16."""
    return {
        "start": _position(span.line, span.column, lines),
        "end": _position(span.end_line, span.end_column, lines),
    }


def _position(line: int, column: int, lines: Sequence[str]) -> dict[str, int]:
    text = lines[line - 1] if line <= len(lines) else ""
    return {"line": line - 1, "character": len(text[:column].encode("utf-16-le", "surrogatepass")) // 2}

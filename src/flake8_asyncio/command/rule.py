"""`flake8-asyncio rule`: a rule's page, or the facts about rules as JSON."""

from __future__ import annotations

import difflib
import json
import sys

from flake8_asyncio.rules import Rule, all_rules


def show_rules(code: str | None, *, every: bool, as_json: bool) -> int:
    """Print one rule or all of them; 2 if there is no such rule."""
    rules = all_rules()
    if not every:
        if code is None:
            print("flake8-asyncio rule: name a rule, or ask for --all", file=sys.stderr)
            return 2
        rules = tuple(each for each in rules if code.upper() == each.code or code.lower() == each.name)
        if not rules:
            print(f"flake8-asyncio rule: there is no rule {code}{_suggestion(code)}", file=sys.stderr)
            return 2
    if as_json:
        described = [describe(each) for each in rules]
        print(json.dumps(described if every else described[0], indent=2, ensure_ascii=False))
    elif every:
        for each in rules:
            print(f"{each.code}  {each.name:32} {each.summary}" + ("" if each.by_default else " (opt-in)"))
    else:
        print(rules[0].page.read_text(encoding="utf-8"), end="")
    return 0


def describe(rule: Rule) -> dict[str, object]:
    """A rule as plain data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "family": rule.family,
        "summary": rule.summary,
        "since": rule.since,
        "default": rule.by_default,
        "url": rule.url,
        "explanation": rule.page.read_text(encoding="utf-8"),
    }


def _suggestion(code: str) -> str:
    known = [name for each in all_rules() for name in (each.code, each.name)]
    close = difflib.get_close_matches(code.upper(), known, 1) or difflib.get_close_matches(code.lower(), known, 1)
    return f"; did you mean {close[0]}?" if close else ""

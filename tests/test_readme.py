"""The README shows the rules that there are, and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import rules_table
from flake8_asyncio.rules import all_rules

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?:console|bash|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def test_tables_are_those_of_the_rules() -> None:
    _, written, _ = rules_table.parts(TEXT)
    assert written == "".join(rules_table.tables())


def test_first_command_tries_and_second_command_tests() -> None:
    first, second, *_ = _BLOCK.findall(TEXT)
    assert (first, second) == ("python3 scripts/try.py\n", "python3 scripts/test.py\n")


def test_links_lead_somewhere() -> None:
    assert not [link for link in _LINK.findall(TEXT) if not (ROOT / link).exists()]


def test_every_code_that_is_mentioned_exists() -> None:
    assert set(re.findall(r"\bAIO\d{3}\b", TEXT)) <= {rule.code for rule in all_rules()}

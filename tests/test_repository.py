"""The project's conscience: what must hold for every file in the repository."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from flake8_asyncio import __version__
from flake8_asyncio.rules import Rule, all_rules

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "flake8_asyncio"
FAMILIES = {"entry": "AIO1", "awaiting": "AIO2", "state": "AIO3", "blocking": "AIO4", "lifetime": "AIO5"}
INTERNAL = "AIO000"


def tracked() -> list[Path]:
    """The files that git knows; without git, those that were in the archive."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [*ROOT.glob("*.*"), *(path for name in ("src", "tests", "docs") for path in (ROOT / name).rglob("*.*"))]
    return [path for path in paths if path.is_file() and path != Path(__file__)]


def texts() -> list[tuple[str, str]]:
    return [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in tracked()]


def test_no_file_names_a_place_on_one_machine() -> None:
    place = re.compile(r"(?<![\w.~>-])/(?:home|root|Users|tmp|work)/\w|[A-Z]:\\\\?Users")
    assert not [(name, match[0]) for name, text in texts() for match in place.finditer(text)]


def test_nothing_is_left_to_do() -> None:
    unfinished = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    kinds = (".py", ".md", ".toml", ".yaml", ".yml", "run")
    assert not [name for name, text in texts() if name.endswith(kinds) and unfinished.search(text)]


def test_files_end_with_one_line_end() -> None:
    assert not [name for name, text in texts() if text and (not text.endswith("\n") or text.endswith("\n\n"))]


def test_changelog_has_this_version() -> None:
    assert f"\n## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_there_is_one_entry_point_for_each_host_and_one_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"] == {
        "flake8.extension": {"AIO": "flake8_asyncio.plugin:Plugin"},
        "flake8.report": {"aio-fix": "flake8_asyncio.formatter:Fix"},
        "pylsp": {"flake8_asyncio": "flake8_asyncio.editor"},
    }
    assert project["scripts"] == {"flake8-asyncio": "flake8_asyncio.command:main"}


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_rule_is_where_its_code_says(rule: Rule) -> None:
    assert re.fullmatch(r"AIO\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.summary.endswith(".")
    if rule.code != INTERNAL:
        assert rule.code.startswith(FAMILIES[rule.family])
        assert rule.page.parent == PACKAGE / "rules" / rule.family
        assert rule.by_default is (rule.code[4] != "9")


def test_every_page_has_a_rule() -> None:
    pages = {path for path in (PACKAGE / "rules").rglob("*.md") if path.name[0].islower()}
    assert pages == {rule.page for rule in all_rules()}

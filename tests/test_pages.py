"""Every rule's page is true: it lints as marked, and runs as shown."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pages
from flake8_asyncio.finding import Finding
from flake8_asyncio.fix.rewriting import Judged, rewrite
from flake8_asyncio.lint import lint, open_project
from flake8_asyncio.options import Options
from flake8_asyncio.rules import Rule, all_rules
from flake8_asyncio.syntax.source import Source, parse
from pages import MAIN, Example, Page
from process import clean_environment, flake8

INTERNAL = "AIO000"  # our own mistakes, of which there is no example
RULES = [rule for rule in all_rules() if rule.code != INTERNAL]
PAGES = {rule.code: pages.read(rule.page) for rule in RULES}
FAMILIES = sorted({rule.family for rule in RULES})
_SLOW = re.compile(r"Executing <.* took 0\.\d+ seconds\n")  # asyncio's own warning, on a busy machine
LINTED = ("Wrong", "Right", "Fixed", "Not found")

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def examples(*headings: str, shown: bool = False) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("rule", "heading", "example"),
        [
            pytest.param(rule, heading, example, id=f"{rule.code}-{heading}-{number}")
            for rule in RULES
            for heading in headings
            for number, example in enumerate(PAGES[rule.code].sections.get(heading, []), 1)
            if not shown or example.output is not None
        ],
    )


def found(folder: Path, example: Example, *enabled: str) -> set[tuple[str, int, str]]:
    """What the rules find in an example, by (file, line, code)."""
    example.write(folder)
    knowledge = tuple(folder / name for name in knowledge_files(example))
    project = open_project(Options(roots=(folder,), knowledge=knowledge, enable=enabled, use_cache=False))
    return {
        (name, finding.span.line, each.code)
        for name in example.modules
        for each, finding in lint(project, parse(folder / name, module_name(name), (folder / name).read_bytes()))
    }


def findings(folder: Path, example: Example, *enabled: str) -> list[tuple[str, Finding]]:
    """What the rules find in an example, by code."""
    folder.mkdir(exist_ok=True)
    example.write(folder)
    knowledge = tuple(folder / name for name in knowledge_files(example))
    project = open_project(Options(roots=(folder,), knowledge=knowledge, enable=enabled, use_cache=False))
    return [
        (each.code, finding)
        for name in example.modules
        for each, finding in lint(project, parse(folder / name, module_name(name), (folder / name).read_bytes()))
    ]


def knowledge_files(example: Example) -> list[str]:
    """The files of an example that say what its functions do."""
    return [name for name in example.files if name.endswith(".toml")]


def module_name(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@every_rule
def test_page_says_what_the_rule_is(rule: Rule) -> None:
    page = PAGES[rule.code]
    assert page.title == f"# {rule.code} {rule.name}"
    assert rule.page.name == f"{rule.name.replace('-', '_')}.md"


@every_rule
def test_page_has_sections_that_are_known(rule: Rule) -> None:
    headings = [heading for heading in PAGES[rule.code].sections if PAGES[rule.code].sections[heading]]
    assert set(headings) <= {*LINTED, "Proof"}
    assert {"Wrong", "Right"} <= set(headings)


@every_rule
def test_every_wrong_example_is_found_by_its_rule(rule: Rule) -> None:
    assert all(rule.code in example.codes for example in PAGES[rule.code].sections["Wrong"])


@every_rule
def test_nothing_is_marked_that_is_right_or_not_found(rule: Rule) -> None:
    sections = PAGES[rule.code].sections
    assert not [example for heading in ("Right", "Not found") for example in sections.get(heading, []) if example.marks]


@every_rule
def test_the_pitfall_is_shown_to_be_real(rule: Rule) -> None:
    for heading in ("Wrong", "Right"):
        assert any(example.output is not None for example in PAGES[rule.code].sections[heading]), heading


@examples(*LINTED)
def test_lints_as_marked(rule: Rule, heading: str, example: Example, tmp_path: Path) -> None:
    assert found(tmp_path, example, *opt_in(rule)) == example.marks, heading


@examples("Wrong")
def test_opt_in_rules_are_silent_until_they_are_enabled(
    rule: Rule, heading: str, example: Example, tmp_path: Path
) -> None:
    if not rule.by_default:
        assert rule.code not in {code for _, _, code in found(tmp_path, example)}, heading


@examples("Wrong", "Right", shown=True)
def test_runs_as_shown(rule: Rule, heading: str, example: Example, tmp_path: Path) -> None:
    PAGES[rule.code].runnable(example).write(tmp_path)
    result = subprocess.run(
        [sys.executable, "-X", "dev", MAIN],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert example.output is not None
    assert pages.prints(example.output, result.stdout + result.stderr), result.stdout + result.stderr
    if heading == "Right":
        assert (result.returncode, _SLOW.sub("", result.stderr)) == (0, "")


@every_rule
def test_page_shows_its_fix_and_says_whether_it_is_safe(rule: Rule, tmp_path: Path) -> None:
    page = PAGES[rule.code]
    shown = page.sections.get("Fixed", [])
    assert all(example.diff is not None for example in shown)
    fixes = [
        finding.fix
        for number, example in enumerate(page.sections["Wrong"] + shown)
        for code, finding in findings(tmp_path / str(number), example, *opt_in(rule))
        if code == rule.code and finding.fix is not None
    ]
    assert bool(fixes) == bool(shown)
    if shown:
        prose = rule.page.read_text(encoding="utf-8").partition("## Fixed\n")[2].partition("\n## ")[0]
        assert ("`--unsafe`" in prose) == any(not fix.is_safe for fix in fixes)


@examples("Fixed")
def test_is_fixed_as_shown(rule: Rule, heading: str, example: Example, tmp_path: Path) -> None:
    example = Example({name: pages.unmarked(text) for name, text in example.files.items()}, diff=example.diff)
    example.write(tmp_path)
    linter = open_project(Options(roots=(tmp_path,), enable=opt_in(rule), use_cache=False))

    def lint_anew(source: Source) -> list[Judged]:
        return [Judged(each.code, finding, each is rule) for each, finding in lint(linter, source)]

    changes = []
    for name, text in sorted(example.modules.items()):
        result = rewrite(tmp_path / name, text.encode(), lint_anew, unsafe=True)
        assert (result.left, result.dropped) == ([], [])
        again = rewrite(tmp_path / name, result.content, lint_anew, unsafe=True)
        assert again.content == result.content
        changed = difflib.unified_diff(text.splitlines(), result.content.decode().splitlines(), n=0, lineterm="")
        changes += [line for line in changed if not line.startswith(("---", "+++", "@@"))]
    assert changes == (example.diff or "").splitlines()


@pytest.mark.parametrize("family", FAMILIES)
def test_flake8_finds_what_is_marked(family: str, tmp_path: Path) -> None:
    """Through flake8 itself, each example in a folder of its own, all of a family in one run."""
    shown = {folder: example for rule in RULES if rule.family == family for folder, example in folders(rule)}
    for folder, example in shown.items():
        example.write(tmp_path / folder)
    wanted = {(f"{folder}/{name}", line, code) for folder, each in shown.items() for name, line, code in each.marks}
    codes = sorted({code for rule in RULES if rule.family == family for code in opt_in(rule)})
    enable = [f"--aio-enable={','.join(codes)}"] if codes else []
    files = [f"{folder}/{name}" for folder, each in shown.items() for name in knowledge_files(each)]
    knowledge = [f"--aio-knowledge={','.join(files)}"] if files else []
    found = flake8(tmp_path, *enable, *knowledge)
    others = {each for each in found if each[2] in codes and not each[0].startswith(each[2])}
    assert found - others == wanted  # an example says nothing of the opt-in rules of others


def folders(rule: Rule) -> Iterator[tuple[str, Example]]:
    page: Page = PAGES[rule.code]
    for heading in ("Wrong", "Right"):
        for number, example in enumerate(page.sections[heading], 1):
            yield f"{rule.code}-{heading.lower()}-{number}", example


def opt_in(rule: Rule) -> tuple[str, ...]:
    return () if rule.by_default else (rule.code,)

"""Findings are given again where nothing has changed, and only there."""

from __future__ import annotations

import ast

import pytest

from flake8_asyncio import lint, replay
from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.options import Options
from flake8_asyncio.plugin import Plugin
from flake8_asyncio.session import Session
from flake8_asyncio.syntax.source import Span

CAUSE = "import time\n\n\ndef work():\n    time.sleep(1)\n"
HARMLESS = CAUSE.replace("time.sleep(1)", "time.ctime(1)")  # as long as the other
MAIN = "import cause\n\n\nasync def main():\n    cause.work()\n"
OTHER = "import asyncio\n\n\nasync def other():\n    asyncio.sleep(1)\n"


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Tests write their files just before they are linted."""
    monkeypatch.setattr(replay, "_TICK", 0)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in (("cause", CAUSE), ("main", MAIN), ("other", OTHER)):
        (folder / f"{name}.py").write_text(text)
    (folder / "pyproject.toml").touch()
    return folder


class Flake8:
    """A run of the plugin as flake8 does it, and which files were linted in it rather than remembered."""

    def __init__(self, monkeypatch, cache):
        self.cache = cache
        self.linted: list[str] = []
        real = lint.lint

        def watched(linter, source):
            self.linted.append(source.path.name)
            return real(linter, source)

        monkeypatch.setattr(lint, "lint", watched)
        self._monkeypatch = monkeypatch

    def __call__(self, folder, *names, text=None, **settings):
        self.linted.clear()
        session = Session()
        session._options = lambda table: Options(cache_dir=self.cache, **settings)
        self._monkeypatch.setattr(Plugin, "_session", session)
        found = []
        for name in names or sorted(each.name for each in folder.glob("*.py")):
            read = text if text is not None else (folder / name).read_text()
            plugin = Plugin(ast.parse(read), str(folder / name), read.splitlines(keepends=True))
            found += [(name, code, finding) for code, finding in plugin.findings()]
        return found


@pytest.fixture
def flake8(monkeypatch, tmp_path):
    return Flake8(monkeypatch, tmp_path / "cache")


def codes(found):
    return [(name, code) for name, code, _ in found]


def test_nothing_is_linted_again_where_nothing_has_changed(project, flake8):
    first = flake8(project)
    assert codes(first) == [("main.py", "AIO410"), ("other.py", "AIO201")]
    assert flake8.linted == ["cause.py", "main.py", "other.py"]
    assert flake8(project) == first
    assert flake8.linted == []
    assert flake8(project, "other.py") == first[1:]
    assert flake8.linted == []


def change_dependency(project):
    (project / "cause.py").write_text(HARMLESS)


def add_module(project):
    (project / "time.py").write_text("")


def add_package(project):
    (project / "package").mkdir()
    (project / "package" / "part.py").write_text("")


def remove_dependency(project):
    (project / "cause.py").unlink()


def forbid_reading(project):
    (project / "cause.py").chmod(0o200)


@pytest.mark.parametrize(
    "change",
    [change_dependency, add_module, add_package, remove_dependency, forbid_reading],
    ids=lambda it: it.__name__,
)
def test_any_change_of_the_project_counts(project, flake8, change):
    flake8(project)
    change(project)
    flake8(project, "main.py", "other.py")
    assert flake8.linted == ["main.py", "other.py"]


def test_a_changed_dependency_changes_findings(project, flake8):
    flake8(project)
    change_dependency(project)
    assert codes(flake8(project)) == [("other.py", "AIO201")]


@pytest.mark.parametrize(
    "settings",
    [{"enable": ("AIO390",)}, {"cpu_ms": 7}, {"entry_points": frozenset({"main.main"})}],
    ids=lambda it: next(iter(it)),
)
def test_settings_count(project, flake8, settings):
    flake8(project)
    flake8(project, **settings)
    assert flake8.linted == ["cause.py", "main.py", "other.py"]


def test_a_knowledge_file_counts_by_what_is_in_it(project, flake8, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("")
    flake8(project, knowledge=(file,))
    flake8(project, knowledge=(file,))
    assert flake8.linted == []
    file.write_text('[[blocks]]\nkind = "network"\nwhy = "it waits"\ncalls = ["cause.work"]\n')
    flake8(project, knowledge=(file,))
    assert len(flake8.linted) == 3


def test_an_editors_text_is_linted_and_not_kept(project, flake8):
    flake8(project)
    assert codes(flake8(project, "other.py", text=OTHER.replace("asyncio.sleep", "await asyncio.sleep"))) == []
    assert flake8.linted == ["other.py"]
    assert codes(flake8(project)) == [("main.py", "AIO410"), ("other.py", "AIO201")]
    assert flake8.linted == []


def test_what_depends_on_an_editors_text_is_not_kept(project, flake8, monkeypatch):
    flake8(project)
    session = Session()
    session._options = lambda table: Options(cache_dir=flake8.cache)
    monkeypatch.setattr(Plugin, "_session", session)
    texts = {"cause.py": HARMLESS, "main.py": MAIN, "other.py": OTHER}
    for name, text in texts.items():
        plugin = Plugin(ast.parse(text), str(project / name), text.splitlines(keepends=True))
        assert [code for code, _ in plugin.findings()] == (["AIO201"] if name == "other.py" else [])
    assert codes(flake8(project)) == [("main.py", "AIO410"), ("other.py", "AIO201")]


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"], ids=["windows", "unix"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
def test_line_ends_and_marks_are_no_change(project, flake8, newline, mark):
    for path in project.glob("*.py"):
        path.write_bytes(mark + path.read_bytes().replace(b"\n", newline))
    texts = {path.name: path.read_text(encoding="utf-8-sig") for path in project.glob("*.py")}
    for _ in range(2):
        for name, text in texts.items():
            flake8(project, name, text=text)
    flake8(project, "other.py", text=texts["other.py"])
    assert flake8.linted == ["other.py"]  # alone, a file is not worth looking at all others


@pytest.mark.parametrize("damage", [b"", b"\xff", b"0" * 64 + b"\n[]", b'\n["",["","AIO999",1]]'])
def test_a_damaged_record_is_none(project, flake8, damage):
    first = flake8(project)
    for entry in flake8.cache.rglob("*.json"):
        entry.write_bytes(damage)
    assert flake8(project) == first
    assert flake8.linted == ["cause.py", "main.py", "other.py"]


def test_a_file_outside_the_project_is_watched_by_nobody(tmp_path, flake8):
    """A folder above that bears the name of an import may be meant by it, but is not on the search path."""
    inside = tmp_path / "acme" / "part"
    inside.mkdir(parents=True)
    (inside / "pyproject.toml").touch()
    (tmp_path / "acme" / "cause.py").write_text(CAUSE)
    for name in ("one", "two"):
        (inside / f"{name}.py").write_text(MAIN.replace("import cause", "from acme import cause"))
    first = flake8(inside)
    (tmp_path / "acme" / "cause.py").write_text(HARMLESS)
    assert (len(first), codes(flake8(inside))) == (2, [])


def test_what_was_just_written_is_not_kept(project, flake8, monkeypatch):
    monkeypatch.setattr(replay, "_TICK", 60_000_000_000)
    flake8(project)
    flake8(project)
    assert len(flake8.linted) == 3


def test_findings_come_back_with_all_that_they_have():
    span = Span(1, 2, 3, 4)
    whole = Finding(span, "text", Fix(Await(span), True, (Await(span),)), (Place("a.py", span, "call", "f"),))
    plain = replay._plain((("AIO201", whole), ("AIO202", Finding(span, "", None))))
    assert replay._made(plain) == (("AIO201", whole), ("AIO202", Finding(span, "", None)))

"""Which names only coroutine functions have, in a project that is read as text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flake8_asyncio.facts.store import Store
from flake8_asyncio.project import words
from flake8_asyncio.project.definitions import Index, collect, files, makers, methods
from flake8_asyncio.project.words import of_files
from linting import lint_text

CALL = """
    async def enter(room):
        room.session.broadcast_state()
    """


def words_in(folder):
    return dict(of_files([path for path, _, _ in files(str(folder), is_project=True)]))


def only(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return collect(words_in(folder)).coroutines


def test_a_name_counts_if_only_coroutine_functions_have_it(tmp_path):
    assert only(tmp_path, one="async def send(): ...", two="class A:\n    async def send(self): ...") == {"send"}


def test_what_cython_compiles_counts_as_well(tmp_path):
    (tmp_path / "protocol.pyx").write_text("cdef class A:\n    def send(self): ...\n", encoding="utf-8")
    assert only(tmp_path, one="async def send(): ...") == set()


@pytest.mark.parametrize(
    "other",
    [
        "def send(): ...",
        "class A:\n    def send(self): ...",
        "class A:\n    send = print",
        "class A:\n    send: int",
        "self.send = print",
        "self.send: object = print",
        "async def send():\n    print()\n    yield 1",
    ],
)
def test_whatever_else_has_the_name_takes_it_off_the_list(tmp_path, other):
    assert only(tmp_path, one="async def send(): ...", two=other) == set()


def test_an_inner_yield_is_not_the_next_function_s(tmp_path):
    text = "async def send():\n    return 1\n\nasync def rows():\n    yield 1\n"
    assert only(tmp_path, one=text) == {"send"}


def test_environments_and_hidden_folders_are_not_the_project(tmp_path):
    for name in (".tox", "node_modules", "env"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text("def send(): ...", encoding="utf-8")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert only(tmp_path, one="async def send(): ...") == {"send"}


def test_a_folder_that_is_no_project_is_not_searched(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "one.py").touch()
    found = files(str(tmp_path), is_project=False)
    assert [path for path, _, _ in found] == [str(tmp_path / "package" / "__init__.py")]


def test_a_part_of_a_package_needs_no_init(tmp_path):
    part = tmp_path / "package" / "part"
    part.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").touch()
    (part / "one.py").touch()
    found = files(str(tmp_path), is_project=False)
    assert str(part / "one.py") in [path for path, _, _ in found]


def test_the_index_is_kept_until_a_file_changes(tmp_path):
    project, store = tmp_path / "project", Store(tmp_path / "store")
    project.mkdir()
    only(project, one="async def send(): ...")
    first = Index(store).of(str(project), True)
    assert Index(store).of(str(project), True) == first
    only(project, two="def send(): ...")
    assert Index(store).of(str(project), True).coroutines == set()


def test_only_files_that_have_changed_are_read_again(tmp_path, monkeypatch):
    project, store = tmp_path / "project", Store(tmp_path / "store")
    project.mkdir()
    only(
        project, one="async def send(): ...", two="async def save(): ...", three="class A:\n    def read_it(self): ..."
    )
    Index(store).of(str(project), True)
    real, seen = words.read, []

    def read(path):
        seen.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(words, "read", read)
    (project / "two.py").write_text("async def save_all(): ...\n", encoding="utf-8")
    index = Index(store)
    assert index.of(str(project), True).coroutines == {"send", "save_all"}
    assert list(index.methods(str(project), True)) == ["read_it"]
    assert seen == ["two.py"]
    (project / "one.py").unlink()
    assert Index(store).of(str(project), True).coroutines == {"save_all"}
    assert seen == ["two.py"]


@pytest.mark.parametrize("damage", [b"", b"\xff", b"[]", b"{", b'{"%s": [1, 2, 3]}'])
def test_a_damaged_index_is_made_anew(tmp_path, damage):
    project, store = tmp_path / "project", Store(tmp_path / "store")
    project.mkdir()
    only(project, one="async def send(): ...")
    Index(store).of(str(project), True)
    for entry in (tmp_path / "store").rglob("*.json"):
        entry.write_bytes(damage.replace(b"%s", str(project / "one.py").encode()))
    assert Index(store).of(str(project), True).coroutines == {"send"}


def test_words_come_back_as_they_were(tmp_path):
    text = """
class A:
    kept: int
    @other
    async def send(self):
        await asyncio.to_thread(os.path.exists, self.path)
    async def rows(self):
        yield Client()
    def read_it(self): ...
    def read(self): ...
"""
    (tmp_path / "one.py").write_text(text, encoding="utf-8")
    found = words.read(str(tmp_path / "one.py"))
    assert all(found)
    assert words.decoded(json.loads(json.dumps(words.encoded(found)))) == found


def test_a_class_that_many_files_call_is_left_out(tmp_path):
    (tmp_path / "one.py").write_text("class Client: ...\nclass Pool: ...\nClient()\nOther()", encoding="utf-8")
    for number in range(5):
        (tmp_path / f"user{number}.py").write_text("value = Client()\npool = Pool()", encoding="utf-8")
    found = makers(words_in(tmp_path), frozenset())
    assert list(found) == ["Pool"]
    assert len(found["Pool"]) == 5


def test_what_tests_make_counts_only_if_the_program_makes_none(tmp_path):
    index = Index(None)
    (tmp_path / "tests").mkdir()
    (tmp_path / "app.py").write_text("class Bot: ...\n\nclass Stub: ...\n\nBot(open_feed())\n", encoding="utf-8")
    for number in range(9):
        text = "Bot(object())\n" + ("Stub()\n" if number == 0 else "")
        (tmp_path / "tests" / f"test_{number}.py").write_text(text, encoding="utf-8")
    found = index.makers(str(tmp_path), is_project=True)
    assert found == {"Bot": [str(tmp_path / "app.py")], "Stub": [str(tmp_path / "tests" / "test_0.py")]}


def test_findings_depend_on_files_that_are_not_linted(tmp_path):
    (tmp_path / "one.py").write_text("class A:\n    async def broadcast_state(self): ...", encoding="utf-8")
    assert lint_text(tmp_path, CALL) == ["AIO201"]
    (tmp_path / "two.py").write_text("class B:\n    def broadcast_state(self): ...", encoding="utf-8")
    assert lint_text(tmp_path, CALL) == []


def test_a_decorator_that_may_change_a_function_makes_its_name_count_for_nothing(tmp_path):
    text = "from tools import strange\nclass A:\n    @strange\n    async def broadcast_state(self): ..."
    (tmp_path / "one.py").write_text(text, encoding="utf-8")
    assert lint_text(tmp_path, CALL) == []
    (tmp_path / "tools.py").write_text("def strange(function):\n    return function", encoding="utf-8")
    assert lint_text(tmp_path, CALL) == ["AIO201"]


def shared_by_methods(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return set(methods(words_in(folder)))


def test_a_name_is_of_methods_if_few_have_it_and_nothing_else(tmp_path):
    text = "class A:\n    def read_block(self): ..."
    assert shared_by_methods(tmp_path, one=text) == {"read_block"}
    assert shared_by_methods(tmp_path, one=text, two=text) == {"read_block"}
    assert shared_by_methods(tmp_path, **{f"module{number}": text for number in range(9)}) == set()


@pytest.mark.parametrize(
    "other",
    [
        "def read_block(): ...",
        "class B:\n    async def read_block(self): ...",
        "self.read_block = print",
        "read_block = print",
    ],
)
def test_whatever_else_has_a_name_makes_it_one_of_many(tmp_path, other):
    assert shared_by_methods(tmp_path, one="class A:\n    def read_block(self): ...", two=other) == set()


def test_a_function_or_a_single_word_is_no_such_method(tmp_path):
    assert shared_by_methods(tmp_path, one="def read_block(): ...\nclass A:\n    def read(self): ...") == set()


ASK = """
    import os

    async def enter(name):
        return os.path.exists(name)
    """


def test_questions_are_asked_aside_by_habit_if_half_a_dozen_places_do(tmp_path):
    for number in range(6):
        assert lint_text(tmp_path, ASK) == []
        text = "import asyncio, os\nasync def has(name):\n    return await asyncio.to_thread(os.stat, name)\n"
        (tmp_path / f"other{number}.py").write_text(text, encoding="utf-8")
    assert lint_text(tmp_path, ASK) == ["AIO413"]


@pytest.mark.parametrize(
    ("aside", "found"),
    [
        ("await run_in_executor(None, path.exists)", True),
        ("await self.hass.async_add_executor_job(os.path.isdir, path)", True),
        ("await sync_to_async(os.stat)(path)", True),
        ("await aiofiles.os.path.exists(path)", True),
        ("await asyncio.to_thread(os.remove, path)", False),
        ("await asyncio.to_thread(path.read_text)", False),
        ("await queue.put(path.exists)", False),
    ],
)
def test_who_has_a_thread_ask_means_it(tmp_path, aside, found):
    assert lint_text(tmp_path, f"{ASK}\n    async def leave(path):\n        {aside}\n") == ["AIO413"] * found

"""The store: what it keeps comes back, and what is damaged does not matter."""

from __future__ import annotations

import ast
import os
import time
from pathlib import Path

import pytest

import flake8_asyncio
from flake8_asyncio.facts import codec
from flake8_asyncio.facts.extract import extract
from flake8_asyncio.facts.store import Store
from flake8_asyncio.syntax.source import Source, parse

TEXT = """
import asyncio
from typing import Optional

class Client:
    name: Optional[str] = None
    def __init__(self, session=None, *, retries: int = 3, **options):
        self.session = session or asyncio.Queue()

async def load(client: Client):  # noqa: AIO201
    value = client.load(1, timeout=0.5)
    if value:
        return await value
    yield value.first
"""


def facts_of(text, module="main"):
    return extract(Source(Path(f"{module}.py"), module, text, ast.parse(text)))


def plain(facts):
    """Facts as what compares by content."""
    return codec.encode(facts)


def test_facts_come_back_as_they_were():
    facts = facts_of(TEXT)
    again = codec.decode(codec.encode(facts))
    assert plain(again) == plain(facts)
    assert again.functions["load"].calls == facts.functions["load"].calls
    assert again.functions["load"].uses == facts.functions["load"].uses
    assert again.functions["Client.__init__"].parameters == facts.functions["Client.__init__"].parameters
    assert again.classes["Client"].declared == facts.classes["Client"].declared
    assert again.noqa == {10: ("AIO201",)}


def test_the_facts_of_this_package_come_back_as_they_were():
    for path in Path(flake8_asyncio.__file__).parent.rglob("*.py"):
        facts = extract(parse(path, path.stem, path.read_bytes()))
        assert plain(codec.decode(codec.encode(facts))) == plain(facts)


def test_a_store_throws_old_entries_away_once_a_day(tmp_path):
    def aged(path, days):
        then = time.time() - days * 24 * 60 * 60
        os.utime(path, (then, then))

    first, late, mine = tmp_path / "ab" / "1.json", tmp_path / "ab" / "2.json", tmp_path / "notes" / "3.json"
    for path in (first, late, mine):
        path.parent.mkdir(exist_ok=True)
        path.write_text("[]")
        aged(path, 31)
    aged(late, 29)
    Store(tmp_path).write("00ff", lambda: b"[]")
    assert not first.exists() and late.exists() and mine.exists()
    assert Store(tmp_path).read("00ff") == b"[]"
    aged(late, 31)
    Store(tmp_path).write("00fe", lambda: b"[]")
    assert late.exists()
    aged(tmp_path / "pruned", 2)
    Store(tmp_path).write("00fd", lambda: b"[]")
    assert not late.exists()


def test_a_store_keeps_facts(tmp_path):
    store, facts = Store(tmp_path), facts_of(TEXT)
    key = store.key("main", False, TEXT.encode())
    assert store.load(key) is None
    store.save(key, facts)
    assert plain(Store(tmp_path).load(key)) == plain(facts)


def test_the_key_counts_the_text_the_name_and_the_kind(tmp_path):
    store = Store(tmp_path)
    keys = {
        store.key(module, is_package, content)
        for module in ("a", "a.b")
        for is_package in (True, False)
        for content in (b"", b"x")
    }
    assert len(keys) == 8


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b'["main", false, 1, 2, 3, 4, 5, 6, 7]', b'"x"'],
)
def test_a_damaged_entry_is_no_entry(tmp_path, content):
    store = Store(tmp_path)
    key = store.key("main", False, b"")
    store.save(key, facts_of(""))
    (entry,) = tmp_path.rglob("*.json")
    entry.write_bytes(content)
    loaded = store.load(key)
    assert loaded is None or list(loaded.functions) is not None


def test_an_entry_cut_off_anywhere_is_no_entry(tmp_path):
    store, whole = Store(tmp_path), codec.encode(facts_of(TEXT))
    key = store.key("main", False, b"")
    store.save(key, facts_of(TEXT))
    (entry,) = tmp_path.rglob("*.json")
    for end in range(0, len(whole), 97):
        entry.write_bytes(whole[:end])
        assert store.load(key) is None


def test_a_file_in_the_way_is_no_store(tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    store = Store(tmp_path / "cache")
    store.save(store.key("main", False, b""), facts_of(TEXT))
    assert store.load(store.key("main", False, b"")) is None
    assert (tmp_path / "cache").read_text() == "not a folder"


def test_the_folder_says_that_it_is_a_cache(tmp_path):
    store = Store(tmp_path / "cache")
    store.save(store.key("main", False, b""), facts_of(TEXT))
    assert (tmp_path / "cache" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")

"""A table says of a package what its sources and stubs show, and is silent about what they do not."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.knowledge import Knowledge, KnowledgeError, Makes, Result
from process import clean_environment

DEPOT = {
    "depot/__init__.py": """
        from depot._client import Client as Client, Special, connect
        from depot._pools import Pool

        __all__ = ["Client", "Pool", "Special", "connect"]
    """,
    "depot/_client.py": """
        from __future__ import annotations

        import asyncio
        import functools
        from collections.abc import AsyncIterator, Awaitable
        from contextlib import asynccontextmanager, contextmanager
        from typing import Generic, TypeVar, Union, overload

        T = TypeVar("T")


        def retried(function):
            @functools.wraps(function)
            def wrapper(*arguments):
                return function(*arguments)

            return wrapper


        def in_thread(function):
            @functools.wraps(function)
            async def wrapper(*arguments):
                return await asyncio.to_thread(function, *arguments)

            return wrapper


        def registered(function):
            return Registration(function)


        class Registration:
            def __init__(self, function):
                self.function = function


        class Reply:
            async def json(self): ...

            def raise_for_status(self): ...


        class Sending:
            '''Nothing is sent until it is awaited or entered.'''

            def __await__(self):
                return self._send().__await__()

            async def _send(self) -> Reply: ...

            async def __aenter__(self) -> Reply: ...

            async def __aexit__(self, *error): ...


        class Resource(Generic[T]):
            async def fetch(self) -> T: ...


        class Replies(Resource[Reply]):
            pass


        class Client:
            replies: Replies

            def __init__(self):
                self.latest = Reply()

            def get(self, path: str) -> Sending:
                return Sending()

            async def post(self, path: str) -> Reply: ...

            def put(self, path):
                return self.post(path)

            def start(self) -> asyncio.Task[Reply]: ...

            def perhaps(self) -> Union[Awaitable[int], int]: ...

            def later(self) -> Awaitable[int]: ...

            def path(self, name: str) -> str: ...

            async def pages(self) -> AsyncIterator[Reply]:
                yield Reply()

            @asynccontextmanager
            async def session(self) -> AsyncIterator[Client]:
                yield self

            @contextmanager
            def batch(self):
                yield self

            @property
            def first(self) -> Reply: ...

            @retried
            async def retry(self) -> Reply: ...

            @in_thread
            def load(self): ...

            @registered
            async def handle(self): ...

            @overload
            async def delete(self, path: str) -> Reply: ...
            @overload
            async def delete(self, path: list[str]) -> list[Reply]: ...
            async def delete(self, path): ...

            def __enter__(self):
                raise TypeError("use async with")

            def __exit__(self, *error): ...

            async def __aenter__(self) -> Client:
                return self

            async def __aexit__(self, *error): ...


        class Special(Client):
            pass


        async def connect(address: str) -> Client | None: ...
    """,
    "depot/_pools.py": "class Pool:\n    def acquire(self): ...\n",
    "depot/_pools.pyi": """
        from depot._client import Client

        class Pool:
            async def acquire(self) -> Client: ...
            if sys.platform == "win32":
                async def wait(self) -> None: ...
    """,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the package, as `site-packages` has it."""
    for name, text in DEPOT.items():
        file = tmp_path / "site-packages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    return tmp_path


def summarized(folder: Path) -> Path:
    """The table of the package, in a file."""
    output = folder / "depot.json"
    assert main(["summarize", "depot", "--path", str(folder / "site-packages"), "--output", str(output)]) == 0
    return output


@pytest.fixture
def knowledge(folder: Path) -> Knowledge:
    return Knowledge([summarized(folder)])


@pytest.mark.parametrize(
    ("method", "makes", "gives"),
    [
        ("post", Makes.COROUTINE, "depot._client.Reply()"),
        ("put", Makes.COROUTINE, "depot._client.Reply()"),
        ("get", Makes.MAY_AWAIT, "depot._client.Reply()"),
        ("start", Makes.TASK, "depot._client.Reply()"),
        ("perhaps", Makes.MAY_AWAIT, "builtins.int()"),
        ("later", Makes.MAY_AWAIT, "builtins.int()"),
        ("pages", Makes.ASYNC_ITERATOR, "?"),
        ("session", Makes.ASYNC_CONTEXT, "?"),
        ("retry", Makes.COROUTINE, "depot._client.Reply()"),
        ("load", Makes.COROUTINE, "?"),
        ("delete", Makes.COROUTINE, "(depot._client.Reply()|builtins.list<depot._client.Reply()>())"),
    ],
)
def test_each_kind_of_result_is_told_apart(knowledge: Knowledge, method: str, makes: Makes, gives: str) -> None:
    result = knowledge.result(f"depot.Client.{method}")
    assert result is not None
    assert (result.makes, result.gives) == (makes, gives)


def test_what_is_entered_and_iterated_has_a_type(knowledge: Knowledge) -> None:
    session, pages = knowledge.result("depot.Client.session"), knowledge.result("depot.Client.pages")
    assert session is not None
    assert session.entered == "depot.Client()"
    assert pages is not None
    assert pages.iterated == "depot._client.Reply()"
    assert knowledge.entered("depot.Client") == "depot.Client()"
    assert knowledge.entered("depot.Special") == "depot.Special()"


def test_chains_go_on_through_results_and_attributes(knowledge: Knowledge) -> None:
    connected = knowledge.result("depot.connect")
    assert connected == Result(Makes.COROUTINE, gives="depot.Client()")
    assert knowledge.attribute("depot.Client", "replies") == "depot._client.Replies()"
    assert knowledge.attribute("depot.Client", "latest") == "depot._client.Reply()"
    assert knowledge.attribute("depot.Client", "first") == "depot._client.Reply()"
    fetched = knowledge.result("depot._client.Replies.fetch")
    assert fetched is not None
    assert fetched.gives == "depot._client.Reply()"


def test_plain_methods_are_named_and_unknown_ones_are_not(knowledge: Knowledge) -> None:
    assert knowledge.definer("depot.Client", "path") == "depot.Client"
    assert not knowledge.definer("depot.Client", "handle")  # a decorator makes something else of it
    assert not knowledge.is_complete("depot.Client")
    assert knowledge.definer("depot.Client", "__aenter__")
    assert not knowledge.definer("depot.Client", "__enter__")  # it only raises


def test_a_stub_goes_before_the_source(knowledge: Knowledge) -> None:
    acquired = knowledge.result("depot.Pool.acquire")
    assert acquired == Result(Makes.COROUTINE, gives="depot.Client()")
    assert not knowledge.definer("depot.Pool", "wait")


def test_a_private_module_is_not_where_a_public_class_is(knowledge: Knowledge) -> None:
    assert knowledge.is_class("depot.Client")
    assert not knowledge.is_class("depot._client.Client")


def test_flake8_reads_the_table(folder: Path) -> None:
    table = summarized(folder)
    (folder / "app.py").write_text(
        "from depot import connect\n\n\n"
        "async def main():\n    client = await connect('here')\n    client.post('there')\n"
    )
    command = [sys.executable, "-P", "-m", "flake8", "--isolated", "--select=AIO", "--aio-no-cache"]
    ran = subprocess.run(
        [*command, "--aio-knowledge", str(table), "app.py"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert ran.stdout.startswith("app.py:6:5: AIO201"), ran.stderr
    assert ran.stdout.count("\n") == 1


def test_a_package_that_is_not_there_is_said_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summarize", "warehouse", "--path", str(folder / "site-packages")]) == 2
    assert "no sources or stubs of `warehouse`" in capsys.readouterr().err


def test_the_environment_is_asked_where_packages_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summarize", "flake8", "--python", sys.executable]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"a", "c", "f"}


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("{", "", "JSON"),
        ("[]", "", "a table with `a`, `f` and `c`"),
        ('{"a": {}, "f": []}', "f", "a table of dotted names"),
        ('{"a": {}, "f": {"fetch": "a"}, "c": {}}', "f", "got `fetch`"),
        ('{"a": {}, "f": {"depot.fetch": "x:int"}, "c": {}}', "f.depot.fetch", "an entry such as"),
        ('{"a": {}, "f": {}, "c": {"depot.Client": {"m": {"get": 1}}}}', "c.depot.Client.m.get", "an entry such as"),
        ('{"a": {}, "f": {}, "c": {"depot.Client": {"methods": {}}}}', "c.depot.Client.methods", "one of `?`, `b`"),
    ],
)
def test_a_table_with_a_mistake_is_not_used(tmp_path: Path, text: str, place: str, expected: str) -> None:
    file = tmp_path / "depot.json"
    file.write_text(text)
    with pytest.raises(KnowledgeError) as raised:
        Knowledge([file])
    assert raised.value.key == place
    assert expected in raised.value.expected

"""A table says what of a package stops its callers, as its sources show, and is silent about the rest."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.knowledge import Effect, Knowledge, KnowledgeError
from linting import found_lines

MILL = {
    "mill/__init__.py": """
        from mill._client import Mill, Wheel, open_mill

        if __name__ == "mill":
            from mill._client import Hidden as Grinder
        else:
            from mill._client import Large as Grinder

        __all__ = ["Mill", "Wheel", "open_mill"]
    """,
    "mill/_client.py": """
        import contextlib
        import functools
        import time

        import requests


        def _traced(function):
            @functools.wraps(function)
            def wrapper(*arguments):
                return function(*arguments)

            return wrapper


        class Mill:
            def __init__(self, url):
                self.url = url
                self.wheel = Wheel()

            def _ask(self, what):
                return requests.get(f"{self.url}/{what}").json()

            def grind(self):
                return self._ask("grind")

            @property
            def pressure(self):
                if not self.kept:
                    self.kept = self._ask("pressure")
                return self.kept

            @property
            def speed(self):
                return 1

            @speed.setter
            def speed(self, value):
                self._ask("speed")

            @_traced
            def stop(self):
                return self._ask("stop")

            @property
            def state(self):
                return self._ask("state")

            def pages(self):
                for number in range(3):
                    yield self._ask(number)

            @contextlib.contextmanager
            def held(self):
                self._ask("hold")
                yield

            def describe(self, fresh=False):
                if fresh:
                    self._ask("describe")
                return self.url

            def order(self, what, later=False):
                if not later:
                    self._ask(what)

            def _private(self):
                self._ask("private")


        class Large(Mill):
            pass


        class Wheel:
            def turn(self):
                time.sleep(2)


        class Hidden:
            def grind(self):
                time.sleep(2)


        def open_mill(url) -> Mill:
            return Mill(url)
    """,
    "mill/search.py": """
        import requests


        class Connected:
            def __init__(self, host):
                with requests.Session() as session:
                    self.first = session.get(host)


        class Indirect(Connected):
            def __init__(self, host, key=None):
                super().__init__(host)
                self.key = key


        class Reserved:
            def __init__(self, key):
                self.connect(key)

            def connect(self, key):
                if self.is_open:
                    self.first = requests.get(key)


        class Reluctant:
            def __init__(self, host, eager):
                self.eager = eager
                if self.eager:
                    self.first = requests.get(host)
                self.second = requests.get(host) if eager else None


        def find_mill():
            return requests.get("https://example.org")
    """,
    "mill/__main__.py": """
        import time


        def main():
            time.sleep(2)
    """,
    "mill/stream.py": """
        import socket


        class Stream:
            def __init__(self):
                self.socket = socket.socket()
                self.socket.setblocking(False)

            async def receive(self):
                return b""

            def send(self, data):
                self.socket.send(data)
    """,
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for name, text in MILL.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text))
    output = folder / "mill.json"
    assert main(["summarize", "mill", "--path", str(folder), "--output", str(output)]) == 0
    return output


def found(folder: Path, table: Path, body: str) -> set[int]:
    """The lines of a coroutine's body that are said to stop the event loop."""
    text = "import mill\n\n\nasync def main(client: mill.Mill):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    return {line - 4 for line in found_lines(folder, text, "AIO4", [table])}


def test_the_table_names_what_blocks_by_kind(table: Path) -> None:
    assert json.loads(table.read_text())["k"] == {
        "network": {
            "mill.Mill": "grind pages~ state= stop",
            "mill.search": "Connected Indirect find_mill",
            "mill.search.Reserved": "connect",
        },
        "sleep": {"mill.Wheel": "turn"},
    }


def test_calls_of_what_blocks_are_found(tmp_path: Path, table: Path) -> None:
    body = """\
        client.grind()
        print(client.state)
        for page in client.pages():
            print(page)
        client.wheel.turn()
        mill.open_mill("here").stop()
        client.describe()
        client.pages()
        await client.grind()
        return client.describe(), client.url
    """
    assert found(tmp_path, table, body) == {1, 2, 3, 5, 6}


def test_what_users_write_goes_before_the_table(tmp_path: Path, table: Path) -> None:
    claims = tmp_path / "mill.toml"
    claims.write_text('[[harmless]]\ncalls = ["mill.Mill.grind"]\n')
    knowledge = Knowledge([table, claims])
    assert knowledge.claim("mill.Mill.grind", Effect.BLOCKS) is None
    assert knowledge.claim("mill.Mill.stop", Effect.BLOCKS) is not None


def test_what_blocks_may_be_a_coroutine_function_in_another_version(table: Path) -> None:
    knowledge = Knowledge([table])
    assert not knowledge.never_awaitable("mill.Mill.stop")


@pytest.mark.parametrize(
    ("blocks", "place", "expected"),
    [
        ([], "k", "a table of kinds"),
        ({"net": {}}, "k.net", "one of `network`"),
        ({"network": []}, "k.network", "a table of modules and classes"),
        ({"network": {"mill.Mill": "grind ~"}}, "k.network.mill.Mill", "names with spaces between them"),
        ({"network": {"mill.Mill": 1}}, "k.network.mill.Mill", "names with spaces between them"),
    ],
)
def test_a_table_with_a_mistake_is_not_used(tmp_path: Path, blocks: Any, place: str, expected: str) -> None:
    file = tmp_path / "mill.json"
    file.write_text(json.dumps({"a": {}, "f": {}, "c": {}, "k": blocks}))
    with pytest.raises(KnowledgeError) as raised:
        Knowledge([file])
    assert raised.value.key == place
    assert expected in raised.value.expected


def test_what_cannot_be_read_costs_nothing_but_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "mill"
    package.mkdir()
    (package / "__init__.py").write_text("import time\n\n\ndef wait():\n    time.sleep(2)\n")
    (package / "broken.py").write_text("def (:\n")
    (package / "binary.py").write_bytes(b"\x00\xff")
    (package / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (package / "folder.py").mkdir()
    assert main(["summarize", "mill", "--path", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["k"] == {"sleep": {"mill": "wait"}}

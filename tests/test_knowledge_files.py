"""Knowledge files of users: what they add, and how their mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_asyncio.facts.model import Arguments
from flake8_asyncio.knowledge import Effect, Handed, Knowledge, KnowledgeError, Lock, Makes


def written(folder: Path, text: str) -> Path:
    """A knowledge file."""
    file = folder / "knowledge.toml"
    file.write_text(text, encoding="utf-8")
    return file


def told(folder: Path, text: str) -> KnowledgeError:
    """What is said about a mistake."""
    with pytest.raises(KnowledgeError) as caught:
        Knowledge([written(folder, text)])
    assert "\n" not in str(caught.value)
    return caught.value


def test_users_add_what_we_cannot_know(tmp_path: Path) -> None:
    knowledge = Knowledge(
        [
            written(
                tmp_path,
                """
                [[blocks]]
                why = "it waits for the warehouse"
                calls = ["warehouse.Client.fetch", "warehouse.load"]

                [[offloads]]
                argument = "work"
                position = 1
                calls = ["warehouse.in_thread"]

                [[makes]]
                a = "coroutine"
                gives = "list[warehouse.Job]"
                calls = ["warehouse.jobs"]

                [[makes]]
                a = "value"
                gives = "warehouse.Client"
                calls = ["warehouse.connect"]
                attributes = ["warehouse.Job.client"]

                [[classes]]
                names = ["warehouse.Pooled"]
                bases = ["warehouse.Client"]

                [[locks]]
                flavour = "thread"
                kind = "lock"
                classes = ["warehouse.Gate"]
                """,
            )
        ]
    )
    claim = knowledge.claim("warehouse.load", Effect.BLOCKS)
    assert claim is not None
    assert (claim.kind, claim.why, claim.default) == ("", "it waits for the warehouse", True)
    assert knowledge.claim("warehouse.Client.fetch", Effect.BLOCKS) == claim
    assert knowledge.claim("warehouse.Pooled.fetch", Effect.BLOCKS) == claim
    assert knowledge.offloads("warehouse.in_thread") == Handed(1, "work")
    jobs = knowledge.result("warehouse.jobs")
    assert jobs is not None
    assert (jobs.makes, jobs.gives) == (Makes.COROUTINE, "builtins.list<warehouse.Job()>()")
    connect = knowledge.result("warehouse.connect")
    assert connect is not None
    assert connect.value == "warehouse.Client()"
    assert knowledge.attribute("warehouse.Job", "client") == "warehouse.Client()"
    assert knowledge.lock("warehouse.Gate") == Lock("thread", "lock")
    assert "warehouse" in knowledge.libraries


def test_the_example_in_the_documentation_works(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "knowledge.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    knowledge = Knowledge([written(tmp_path, example)])
    claim = knowledge.claim("warehouse.Client.fetch", Effect.BLOCKS)
    assert claim is not None
    assert claim.holds(Arguments())
    assert not claim.holds(Arguments(("=1", "=0")))
    assert knowledge.offloads("warehouse.in_thread") == Handed(0, "function")


def test_users_win_over_us_under_any_name(tmp_path: Path) -> None:
    text = """
    [[blocks]]
    why = "we measured it"
    calls = ["requests.sessions.Session.get"]

    [[harmless]]
    calls = ["time.sleep"]
    """
    knowledge = Knowledge([written(tmp_path, text)])
    claim = knowledge.claim("requests.Session.get", Effect.BLOCKS)
    assert claim is not None
    assert claim.why == "we measured it"
    assert knowledge.claim("time.sleep", Effect.BLOCKS) is None
    assert knowledge.claim("requests.Session.post", Effect.BLOCKS) is not None


def test_every_method_but_the_safe_ones(tmp_path: Path) -> None:
    text = """
    [[blocks]]
    why = "it asks the service"
    wild = ["service.Client"]
    safe = ["close"]

    [[harmless]]
    wild = ["service.Batch"]

    [[classes]]
    names = ["service.Batch", "service.Retrying"]
    bases = ["service.Client"]
    """
    knowledge = Knowledge([written(tmp_path, text)])
    assert knowledge.claim("service.Client.anything", Effect.BLOCKS) is not None
    assert knowledge.claim("service.Retrying.anything", Effect.BLOCKS) is not None
    assert knowledge.claim("service.Client.close", Effect.BLOCKS) is None
    assert knowledge.claim("service.Client._private", Effect.BLOCKS) is None
    assert knowledge.claim("service.Batch.anything", Effect.BLOCKS) is None


@pytest.mark.parametrize(
    ("condition", "met", "not_met"),
    [
        ('{argument = "n", position = 0, equals = [0, 1]}', Arguments(("=1",)), Arguments(("=2",))),
        (
            '{argument = "mode", equals = ["r"]}',
            Arguments(keywords={"mode": "='r'"}),
            Arguments(keywords={"mode": "='w'"}),
        ),
        ("{position = 0, equals = [true]}", Arguments(("=True",)), Arguments(("=False",))),
        ('{position = 0, named = ["None", "app.FAST"]}', Arguments(("=None",)), Arguments(("app.SLOW",))),
        ('{position = 0, named = ["None", "app.FAST"]}', Arguments(("app.FAST",)), Arguments(("?",))),
        ('{position = 0, contains = ["app.NOW"]}', Arguments(("app.NOW",)), Arguments(("app.LATER",))),
        ('{position = 0, prefix = ["/proc/"]}', Arguments(("='/proc/1'",)), Arguments(("='/home'",))),
        ('{position = 0, instance = ["io.BytesIO"]}', Arguments(("io.BytesIO()",)), Arguments(("io.FileIO()",))),
        ("{position = 0, address = true}", Arguments(("='10.0.0.1'",)), Arguments(("='10.example.com'",))),
        ('{absent = "host", position = 0}', Arguments(), Arguments(("='x'",))),
        ('{given = "data"}', Arguments(keywords={"data": "?"}), Arguments()),
        ('{only = "data"}', Arguments(keywords={"data": "?"}), Arguments(("?",), {"data": "?"})),
    ],
)
def test_conditions_lift_a_claim(tmp_path: Path, condition: str, met: Arguments, not_met: Arguments) -> None:
    file = written(tmp_path, f'[[blocks]]\nwhy = "it waits"\ncalls = ["app.wait"]\nunless = [{condition}]')
    claim = Knowledge([file]).claim("app.wait", Effect.BLOCKS)
    assert claim is not None
    assert not claim.holds(met)
    assert claim.holds(not_met)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[[blocks]\n", "", "expected TOML"),
        ("[[block]]\n", "block", "did you mean `blocks`?"),
        ("[blocks]\n", "blocks", "an array of tables, `[[blocks]]`"),
        ("blocks = 1\n", "blocks", "an array of tables"),
        ('[[blocks]]\ncalls = ["a.b"]', "blocks[1].why", "a non-empty string"),
        ('[[blocks]]\nwhy = "x"', "blocks[1].calls", "a list of dotted names"),
        ('[[blocks]]\nwhy = "x"\ncalls = []', "blocks[1].calls", "a list of dotted names"),
        ('[[blocks]]\nwhy = "x"\ncalls = "a.b"', "blocks[1].calls", "a list of dotted names"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["load"]', "blocks[1].calls", "got `load`"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b()"]', "blocks[1].calls", "got `a.b()`"),
        ('[[blocks]]\nwhy = "x"\ncall = ["a.b"]', "blocks[1].calls", "a list of dotted names"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nkindd = "cpu"', "blocks[1].kindd", "did you mean `kind`?"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nkind = "netwrk"', "blocks[1].kind", "did you mean `network`?"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\ndefault = "yes"', "blocks[1].default", "true or false"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nreceiver = ["quick"]', "blocks[1].receiver", "`nonblocking`"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nunless = [{}]', "blocks[1].unless[1]", "exactly one of"),
        (
            '[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nunless = [{equals=[0]}]',
            "blocks[1].unless[1].argument",
            "a position",
        ),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nunless = 1', "blocks[1].unless", "a list of tables"),
        (
            '[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nunless = [{position=0, equals=0}]',
            "blocks[1].unless[1].equals",
            "a list",
        ),
        (
            '[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\nunless = [{position=-1, equals=[0]}]',
            "blocks[1].unless[1].position",
            "0",
        ),
        ('[[offloads]]\ncalls = ["a.b"]', "offloads[1].argument", "a position counted from 0"),
        ('[[offloads]]\ncalls = ["a.b"]\nargument = true', "offloads[1].argument", "a position counted from 0"),
        ('[[makes]]\ncalls = ["a.b"]\na = "corutine"', "makes[1].a", "did you mean `coroutine`?"),
        ('[[blocks]]\nwhy = "x"\ncalls = ["a.b"]\n[[blocks]]\nwhy = 1', "blocks[2].why", "a non-empty string"),
        ('[[locks]]\nflavour = "asyncio"\nclasses = ["a.B"]', "locks[1].kind", "one of"),
        ('[[handlers]]\ndecorators = ["a.b"]\nevents = "on_message"', "handlers[1].events", "a table of lists"),
        ('[[handlers]]\nmethods = ["a.b"]\nevents = {on = ["x"]}', "handlers[1].events.on", "a list of dotted names"),
        ('[[handlers]]\ngives = ["a.B"]', "handlers[1].decorators", "a list of dotted names"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, key: str, expected: str) -> None:
    error = told(tmp_path, text)
    assert error.file == str(tmp_path / "knowledge.toml")
    assert error.key == key
    assert expected in error.expected
    assert str(error).startswith(f"{error.file}: {key}")


def test_a_file_that_cannot_be_read_is_a_mistake_too(tmp_path: Path) -> None:
    for file in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(KnowledgeError, match="expected a readable TOML file"):
            Knowledge([file])
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(KnowledgeError, match="it is not UTF-8"):
        Knowledge([binary])


def test_bases_that_go_in_a_circle_have_an_end(tmp_path: Path) -> None:
    text = '[[classes]]\nnames = ["a.B"]\nbases = ["a.C"]\n[[classes]]\nnames = ["a.C"]\nbases = ["a.B"]'
    knowledge = Knowledge([written(tmp_path, text)])
    assert set(knowledge.mro("a.B")) == {"a.B", "a.C"}
    assert knowledge.claim("a.B.run", Effect.BLOCKS) is None

"""What knowledge answers: through aliases and bases, for the arguments of a call, and from as few files as possible."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

from flake8_asyncio.facts.model import Arguments, Ref
from flake8_asyncio.knowledge import Effect, Handed, Knowledge, Lock, Makes

KNOWLEDGE = Knowledge()
NOTHING = Arguments()


def call(*positional: Ref, **keywords: Ref) -> Arguments:
    """The arguments of a call."""
    return Arguments(positional, keywords)


def blocks(path: str, arguments: Arguments = NOTHING) -> bool:
    """Whether knowledge says that a call blocks, whatever the state of its receiver."""
    claim = KNOWLEDGE.claim(path, Effect.BLOCKS)
    return (
        claim is not None and claim.default and claim.kind not in ("metadata", "cpu-small") and claim.holds(arguments)
    )


@pytest.mark.parametrize(
    "path",
    [
        "concurrent.futures.ThreadPoolExecutor.shutdown",
        "io.open",
        "multiprocessing.Process.join",
        "open",
        "pathlib.PosixPath.read_text",
        "queue.LifoQueue.get",
        "redis.StrictRedis.get",
        "redis.client.Redis.get",
        "requests.api.get",
        "requests.sessions.Session.get",
        "smtplib.SMTP_SSL.sendmail",
        "sqlalchemy.engine.Engine.connect",
        "ssl.SSLSocket.recvfrom",
        "threading.Timer.join",
        "time.sleep",
        "xmlrpc.client.ServerProxy.anything",
    ],
)
def test_claims_hold_through_aliases_and_bases(path: str) -> None:
    assert blocks(path)


@pytest.mark.parametrize("name", ["SelectorEventLoop", "BaseEventLoop", "AbstractEventLoop"])
def test_every_loop_can_be_run(name: str) -> None:
    assert KNOWLEDGE.claim(f"asyncio.{name}.run_until_complete", Effect.RUNS_LOOP)
    assert KNOWLEDGE.claim(f"asyncio.{name}.run_until_complete", Effect.BLOCKS) is None


@pytest.mark.parametrize(
    "path",
    [
        "aiohttp.ClientResponse.json",
        "aiohttp.ClientSession.get",
        "asyncio.Barrier.wait",
        "asyncio.Condition.wait",
        "asyncio.Event.wait",
        "asyncio.Future.exception",
        "asyncio.Future.result",
        "asyncio.Lock.acquire",
        "asyncio.Queue.get",
        "asyncio.Queue.join",
        "asyncio.Queue.put",
        "asyncio.Task.result",
        "asyncio.subprocess.Process.communicate",
        "asyncio.subprocess.Process.wait",
        "boto3.client",
        "builtins.dict.get",
        "builtins.print",
        "builtins.str.join",
        "builtins.str.split",
        "copy.deepcopy",
        "httpx.AsyncClient.get",
        "httpx.Client",
        "httpx.Response.json",
        "io.BytesIO.read",
        "io.StringIO.write",
        "json.loads",
        "logging.Logger.info",
        "logging.info",
        "os.environ.get",
        "os.makedirs",
        "os.path.exists",
        "os.path.join",
        "os.path.normpath",
        "os.path.relpath",
        "pathlib.Path.absolute",
        "pathlib.Path.exists",
        "pathlib.Path.joinpath",
        "pathlib.Path.with_suffix",
        "pathlib.PurePath.relative_to",
        "pymongo.MongoClient",
        "queue.Queue.get_nowait",
        "re.match",
        "redis.Redis",
        "redis.Redis.pipeline",
        "redis.asyncio.Redis.get",
        "redis.client.Pipeline.set",
        "requests.Session",
        "sqlalchemy.create_engine",
        "sqlalchemy.ext.asyncio.AsyncSession.execute",
        "sqlalchemy.orm.Session.add",
        "subprocess.Popen.poll",
        "threading.Lock.__enter__",
        "threading.Thread.start",
    ],
)
def test_false_friends_are_silent(path: str) -> None:
    assert not blocks(path)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("concurrent.futures.Executor.shutdown", call("=False")),
        ("concurrent.futures.Future.result", call("=0")),
        ("fcntl.flock", call("file", "fcntl.LOCK_NB")),
        ("fcntl.flock", call("file", "?")),
        ("multiprocessing.connection.Connection.poll", call()),
        ("open", call("='/proc/self/status'")),
        ("open", call(file="='/sys/class/net'")),
        ("os.spawnv", call("os.P_NOWAIT", "='/bin/true'")),
        ("os.waitpid", call("pid", "os.WNOHANG")),
        ("queue.Queue.get", call("=False")),
        ("queue.Queue.get", call(block="=False")),
        ("queue.Queue.put", call("item", "=False")),
        ("queue.Queue.put", call("item", timeout="=0")),
        ("select.select", call("r", "w", "x", "=0")),
        ("smtplib.SMTP", call()),
        ("socket.getaddrinfo", call("='127.0.0.1'", "=80")),
        ("socket.getaddrinfo", call("='::1'", "=80")),
        ("socket.gethostbyname", call("='localhost'")),
        ("sqlite3.connect", call("=':memory:'")),
        ("ssl.SSLContext.load_verify_locations", call(cadata="text")),
        ("subprocess.Popen.wait", call("=0.0")),
        ("tarfile.open", call(fileobj="io.BytesIO()")),
        ("threading.Lock.acquire", call("=0")),
        ("threading.Lock.acquire", call("=False")),
        ("threading.Lock.acquire", call("flag")),
        ("threading.Lock.acquire", call(timeout="=0")),
        ("threading.Semaphore.acquire", call(blocking="=False")),
        ("zipfile.ZipFile", call("io.BytesIO()")),
    ],
)
def test_forms_that_do_not_block(path: str, arguments: Arguments) -> None:
    assert not blocks(path, arguments)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("fcntl.flock", call("file", "fcntl.LOCK_EX")),
        ("multiprocessing.connection.Connection.poll", call("=1")),
        ("open", call("='process.txt'")),
        ("open", call("path")),
        ("os.spawnv", call("os.P_WAIT", "='/bin/true'")),
        ("queue.Queue.get", call()),
        ("queue.Queue.get", call("=True", "=5")),
        ("queue.Queue.put", call("=False")),
        ("select.select", call("r", "w", "x")),
        ("smtplib.SMTP", call("='mail.example.com'")),
        ("socket.getaddrinfo", call("='example.com'", "=80")),
        ("socket.gethostbyname", call("host")),
        ("sqlite3.connect", call("='jobs.db'")),
        ("ssl.SSLContext.load_verify_locations", call("='ca.pem'", cadata="text")),
        ("threading.Event.wait", call("timeout")),
        ("threading.Lock.acquire", call()),
        ("threading.Lock.acquire", call("=True")),
        ("zipfile.ZipFile", call("='a.zip'")),
        ("zipfile.ZipFile", call("(io.BytesIO()|builtins.str())")),
    ],
)
def test_forms_that_do(path: str, arguments: Arguments) -> None:
    assert blocks(path, arguments)


def test_an_open_call_may_be_any_form() -> None:
    assert not blocks("threading.Lock.acquire", Arguments(is_open=True))
    assert blocks("threading.Thread.join", Arguments(is_open=True))


@pytest.mark.parametrize(
    ("path", "marker"),
    [
        ("concurrent.futures.Future.result", "done"),
        ("queue.Queue.get", "nonempty"),
        ("queue.Queue.put", "unbounded"),
        ("socket.socket.recv", "nonblocking"),
        ("sqlite3.Connection.execute", "in-memory"),
    ],
)
def test_what_only_the_receiver_can_tell_is_passed_on(path: str, marker: str) -> None:
    claim = KNOWLEDGE.claim(path, Effect.BLOCKS)
    assert claim is not None
    assert claim.receiver == (marker,)


def test_producers_are_lazy() -> None:
    for path in ("pathlib.Path.glob", "concurrent.futures.as_completed", "concurrent.futures.ThreadPoolExecutor.map"):
        claim = KNOWLEDGE.claim(path, Effect.BLOCKS)
        assert claim is not None
        assert claim.lazy


@pytest.mark.parametrize(
    ("path", "makes", "value"),
    [
        ("aiosqlite.Connection.execute", Makes.COROUTINE, "aiosqlite.context.Result()"),
        ("aiosqlite.connect", Makes.MAY_AWAIT, "aiosqlite.Connection()"),
        ("asyncio.current_task", Makes.MAY_AWAIT, "asyncio.Task()"),
        ("aiohttp.ClientSession.get", Makes.COROUTINE, "aiohttp.client._BaseRequestContextManager()"),
        ("aiogram.types.Message.answer", Makes.COROUTINE, "aiogram.methods.SendMessage()"),
        ("asyncio.Queue.put", Makes.COROUTINE, "?"),
        ("asyncio.StreamWriter.write", Makes.VALUE, "?"),
        ("asyncio.Task", Makes.TASK, "asyncio.Task()"),
        ("asyncio.TaskGroup.create_task", Makes.TASK, "asyncio.Task()"),
        ("asyncio.create_task", Makes.TASK, "asyncio.Task()"),
        ("asyncio.gather", Makes.TASK, "asyncio.Future()"),
        ("asyncio.get_running_loop", Makes.VALUE, "asyncio.AbstractEventLoop()"),
        ("asyncio.sleep", Makes.COROUTINE, "?"),
        ("asyncio.tasks.sleep", Makes.COROUTINE, "?"),
        ("builtins.open", Makes.VALUE, "io.TextIOWrapper()"),
        ("concurrent.futures.ThreadPoolExecutor.submit", Makes.VALUE, "concurrent.futures.Future<?>()"),
        ("discord.ext.commands.Context.send", Makes.COROUTINE, "?"),
        ("docker.DockerClient.from_env", Makes.VALUE, "docker.DockerClient()"),
        ("httpx.AsyncClient.stream", Makes.ASYNC_CONTEXT, "?"),
        ("httpx.Response.aiter_bytes", Makes.ASYNC_ITERATOR, "?"),
        ("multiprocessing.Lock", Makes.VALUE, "multiprocessing.synchronize.Lock()"),
        ("pathlib.Path.__truediv__", Makes.VALUE, "pathlib.Path()"),
        ("pathlib.PosixPath.resolve", Makes.VALUE, "pathlib.PosixPath()"),
        ("redis.asyncio.client.Pipeline.set", Makes.MAY_AWAIT, "redis.asyncio.client.Pipeline()"),
        ("requests.Session.get", Makes.VALUE, "requests.Response()"),
        ("socket.create_connection", Makes.VALUE, "socket.socket()"),
        ("sqlite3.connect", Makes.VALUE, "sqlite3.Connection()"),
        ("subprocess.Popen", Makes.VALUE, "subprocess.Popen()"),
        ("telegram.Bot.send_message", Makes.COROUTINE, "?"),
        ("time.sleep", Makes.VALUE, "?"),
    ],
)
def test_what_calls_make(path: str, makes: Makes, value: Ref) -> None:
    result = KNOWLEDGE.result(path)
    assert result is not None
    assert (result.makes, result.value) == (makes, value)


def test_what_awaiting_entering_and_iterating_give() -> None:
    session = KNOWLEDGE.result("aiohttp.ClientSession.get")
    assert session is not None
    assert session.gives == session.entered == "aiohttp.ClientResponse()"
    opened = KNOWLEDGE.result("asyncio.open_connection")
    assert opened is not None
    assert opened.gives == "builtins.tuple<asyncio.StreamReader(),asyncio.StreamWriter()>()"
    stream = KNOWLEDGE.result("httpx.AsyncClient.stream")
    assert stream is not None
    assert stream.entered == "httpx.Response()"
    assert KNOWLEDGE.entered("asyncio.TaskGroup") == "asyncio.TaskGroup()"
    assert KNOWLEDGE.entered("httpx.AsyncClient") == "httpx.AsyncClient()"
    assert KNOWLEDGE.entered("asyncio.Lock") == "=None"
    assert KNOWLEDGE.iterated("asyncio.StreamReader") == "builtins.bytes()"
    assert KNOWLEDGE.awaited("asyncpg.Pool") == "asyncpg.Pool()"


@pytest.mark.parametrize(
    ("path", "never"),
    [
        ("aiohttp.ClientSession.get", False),
        ("asyncio.Event.set", True),
        ("asyncio.Event.wait", False),
        ("asyncio.Future.result", False),
        ("asyncio.Queue.get_nowait", False),
        ("asyncio.StreamWriter.write", True),
        ("asyncio.Task.cancel", True),
        ("concurrent.futures.Future.result", False),
        ("contextlib.ExitStack.enter_context", False),
        ("httpx.get", True),
        ("nothing.known", False),
        ("queue.Queue.get", False),
        ("requests.get", True),
        ("subprocess.Popen.kill", True),
        ("time.sleep", True),
    ],
)
def test_what_can_never_be_awaited(path: str, never: bool) -> None:
    assert KNOWLEDGE.never_awaitable(path) is never


def test_attributes_have_types() -> None:
    assert KNOWLEDGE.attribute("pathlib.PosixPath", "parent") == "pathlib.PosixPath()"
    assert KNOWLEDGE.attribute("asyncio.subprocess.Process", "stdout") == "asyncio.StreamReader()"
    assert KNOWLEDGE.attribute("asyncio.Lock", "acquire") is None
    assert KNOWLEDGE.attribute("pymongo.MongoClient", "shop") == "pymongo.synchronous.database.Database()"


def test_what_is_claimed_of_a_method_goes_before_what_any_name_gives() -> None:
    resource = "googleapiclient.discovery.Resource"
    assert KNOWLEDGE.attribute(resource, "files") == f"{resource}()"
    assert KNOWLEDGE.attribute(resource, "execute") is None
    assert blocks(f"{resource}.execute")


def test_some_coroutine_functions_were_plain_in_versions_in_use() -> None:
    assert KNOWLEDGE.was_plain("telegram.Bot.send_message")
    assert not KNOWLEDGE.was_plain("discord.Member.ban")


def test_classes_are_known_with_their_methods() -> None:
    assert KNOWLEDGE.mro("queue.LifoQueue") == ("queue.LifoQueue", "queue.Queue")
    assert KNOWLEDGE.is_complete("asyncio.Event")
    assert KNOWLEDGE.never_awaitable("asyncio.Event.set")
    assert KNOWLEDGE.definer("asyncio.Event", "wait") == "asyncio.Event"
    assert KNOWLEDGE.is_asynchronous("asyncio.Event")
    assert not KNOWLEDGE.is_asynchronous("threading.Event")
    assert not KNOWLEDGE.never_awaitable("asyncio.Event.wait")
    assert not KNOWLEDGE.definer("asyncio.Event", "set_now")
    assert KNOWLEDGE.definer("asyncio.Lock", "__aenter__")
    assert not KNOWLEDGE.definer("asyncio.Lock", "__enter__")
    assert not KNOWLEDGE.definer("aiohttp.ClientSession", "__enter__")  # it only raises
    assert not KNOWLEDGE.is_complete("redis.client.Nonsense")


def test_what_becomes_of_arguments() -> None:
    assert KNOWLEDGE.offloads("asyncio.to_thread") == Handed(0, "func")
    assert KNOWLEDGE.offloads("asyncio.SelectorEventLoop.run_in_executor") == Handed(1, "func")
    assert KNOWLEDGE.offloads("concurrent.futures.ProcessPoolExecutor.submit") == Handed(0, process=True)
    assert KNOWLEDGE.offloads("fastapi.concurrency.run_in_threadpool") == Handed(0, "func")
    assert KNOWLEDGE.awaits("asyncio.gather") == Handed(every=True)
    assert KNOWLEDGE.awaits("asyncio.TaskGroup.create_task") == Handed(0, "coro")
    assert KNOWLEDGE.on_loop("asyncio.Task.add_done_callback") == Handed(0)
    assert KNOWLEDGE.on_loop("anyio.abc.TaskGroup.start_soon") == Handed(0, "func", takes_async=True)
    assert KNOWLEDGE.calls_now("sorted") == Handed(name="key")
    assert Handed(every=True).arguments(call("a()", "b()")) == ("a()", "b()")
    assert Handed(0, "func").arguments(call(func="work")) == ("work",)
    assert Handed(1).arguments(call("=None")) == ()


def test_frameworks_locks_and_the_rest() -> None:
    get = KNOWLEDGE.handler("fastapi.FastAPI.get")
    assert get is not None
    assert (get.concurrent, get.sync) == (True, "thread")
    assert KNOWLEDGE.runs_methods_on_loop("asyncio.DatagramProtocol")
    assert not KNOWLEDGE.runs_methods_on_loop("asyncio.StreamReader")
    assert KNOWLEDGE.lock("threading.RLock") == Lock("thread", "lock")
    assert KNOWLEDGE.lock("asyncio.BoundedSemaphore") == Lock("asyncio", "semaphore")
    assert KNOWLEDGE.changes_process("contextlib.redirect_stdout")
    assert KNOWLEDGE.never_suspends("asyncio.timeout")
    assert not KNOWLEDGE.never_suspends("asyncio.sleep")
    assert {"asyncio", "requests", "aiofiles"} <= KNOWLEDGE.libraries


ODD = [
    "",
    ".",
    "..",
    "x",
    "a.b.c",
    "asyncio",
    "asyncio.",
    ".sleep",
    "asyncio..sleep",
    "?",
    "=0",
    "a()",
    "ü.ß",
    "../x.y",
    "a\0b.c",
]


@pytest.mark.parametrize("path", ODD)
def test_an_unknown_name_has_no_answer(path: str) -> None:
    questions = [KNOWLEDGE.result, KNOWLEDGE.offloads, KNOWLEDGE.awaits, KNOWLEDGE.on_loop, KNOWLEDGE.calls_now]
    for question in (
        *questions,
        KNOWLEDGE.handler,
        KNOWLEDGE.lock,
        KNOWLEDGE.entered,
        KNOWLEDGE.iterated,
        KNOWLEDGE.awaited,
    ):
        assert question(path) is None
    assert not KNOWLEDGE.is_class(path)
    assert not KNOWLEDGE.is_complete(path)
    assert KNOWLEDGE.attribute(path, path) is None
    assert all(KNOWLEDGE.claim(path, effect) is None for effect in Effect)


def test_every_question_about_every_class_has_an_end() -> None:
    knowledge = Knowledge()
    for library in ("asyncio", "aiohttp", "anyio", "pymongo", "redis", "sqlalchemy"):
        for owner, _ in product(knowledge._library(library).table.classes, (1, 2)):
            knowledge.mro(owner)
            knowledge.result(owner)
            knowledge.entered(owner)
            knowledge.iterated(owner)
            knowledge.awaited(owner)


OPENED = """
import sys
from pathlib import Path
opened = []
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].endswith((".toml", ".json")):
        opened.append(Path(arguments[0]).name)
import flake8_asyncio.knowledge
sys.addaudithook(note)
knowledge = flake8_asyncio.knowledge.Knowledge()
print("start:", *opened, *{"json", "tomllib"} & set(sys.modules))
for path in sys.argv[1:]:
    knowledge.result(path)
    knowledge.claim(path, flake8_asyncio.knowledge.Effect.BLOCKS)
print("asked:", *sorted(set(opened)))
"""


def opened(*paths: str) -> list[str]:
    """The data files that are read to answer for these names, in a fresh process."""
    source = str(Path(__file__).parent.parent / "src")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r})\n{OPENED}", *paths],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_files_are_opened_when_their_library_is_asked_about() -> None:
    assert opened("asyncio.sleep", "time.sleep") == ["start:", "asked: stdlib.json stdlib.toml"]
    assert opened("requests.get") == ["start:", "asked: requests.json requests.toml"]
    assert opened("nothing.known") == ["start:", "asked:"]


def test_answers_are_remembered() -> None:
    knowledge = Knowledge()
    knowledge.claim("queue.LifoQueue.get", Effect.BLOCKS)
    start = time.perf_counter()
    for _ in range(1000):
        knowledge.claim("queue.LifoQueue.get", Effect.BLOCKS)
        knowledge.result("asyncio.SelectorEventLoop.run_in_executor")
    assert time.perf_counter() - start < 0.5

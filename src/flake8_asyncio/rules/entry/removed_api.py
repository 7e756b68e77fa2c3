"""AIO109: parts of asyncio that are gone or on their way out."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import CallInstead, DropArgument, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.functions import last_names
from flake8_asyncio.views.loops import PYTHON

Version = tuple[int, int]

_GONE: dict[str, tuple[Version, Version, str]] = {  # deprecated since, removed in, instead
    "asyncio.Task.all_tasks": ((3, 7), (3, 9), "asyncio.all_tasks"),
    "asyncio.Task.current_task": ((3, 7), (3, 9), "asyncio.current_task"),
    "asyncio.async": ((3, 4), (3, 7), "asyncio.ensure_future"),
    "asyncio.coroutine": ((3, 8), (3, 11), ""),
    "asyncio.get_child_watcher": ((3, 12), (3, 14), ""),
    "asyncio.set_child_watcher": ((3, 12), (3, 14), ""),
    "asyncio.SafeChildWatcher": ((3, 12), (3, 14), ""),
    "asyncio.FastChildWatcher": ((3, 12), (3, 14), ""),
    "asyncio.MultiLoopChildWatcher": ((3, 12), (3, 14), ""),
    "asyncio.ThreadedChildWatcher": ((3, 12), (3, 14), ""),
    "asyncio.PidfdChildWatcher": ((3, 12), (3, 14), ""),
    "asyncio.iscoroutinefunction": ((3, 14), (3, 16), "inspect.iscoroutinefunction"),
    "asyncio.get_event_loop_policy": ((3, 14), (3, 16), ""),
    "asyncio.set_event_loop_policy": ((3, 14), (3, 16), ""),
    "asyncio.DefaultEventLoopPolicy": ((3, 14), (3, 16), ""),
    "asyncio.WindowsSelectorEventLoopPolicy": ((3, 14), (3, 16), ""),
    "asyncio.WindowsProactorEventLoopPolicy": ((3, 14), (3, 16), ""),
}
_LOOP_ARGUMENT = frozenset(
    f"asyncio.{name}"
    for name in (
        "sleep wait_for wait gather shield as_completed Lock Event Condition Semaphore BoundedSemaphore Queue"
        " PriorityQueue LifoQueue open_connection start_server open_unix_connection start_unix_server"
        " create_subprocess_exec create_subprocess_shell"
    ).split()
)
_ONE_TO_ONE = ("asyncio.Task.all_tasks", "asyncio.Task.current_task", "asyncio.iscoroutinefunction")
_NAMES = last_names(*_GONE, *_LOOP_ARGUMENT)


@rule("AIO109", since="0.1")
def removed_api(module: ModuleView) -> Iterator[Finding]:
    """A part of asyncio is used that this Python deprecates or has removed."""
    for function in module.functions:
        for call in function.calls_named(_NAMES):
            path = call.path
            if path in _GONE and _GONE[path][0] <= PYTHON:
                yield Finding(call.span, _why(path), _fix(call))
            elif path in _LOOP_ARGUMENT and "loop" in (call.arguments.keywords or {}):
                yield Finding(
                    call.span,
                    f"`{call.text}` takes no `loop` since 3.10: it uses the one that is running",
                    Fix(DropArgument(call.span, "loop"), is_safe=True),
                )
        for decorator in function.decorators:
            if decorator == "asyncio.coroutine":
                yield Finding(function.span, _why(decorator))


def _why(path: str) -> str:
    since, gone, instead = _GONE[path]
    state = f"is gone since {_text(gone)}" if gone <= PYTHON else f"is deprecated since {_text(since)}"
    if path == "asyncio.coroutine":
        return f"`@{path}` {state}: write `async def`"
    return f"`{path}` {state}" + (f": use `{instead}`" if instead else "")


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _fix(call: CallView) -> Fix | None:
    return Fix(CallInstead(call.span, _GONE[call.path][2]), is_safe=True) if call.path in _ONE_TO_ONE else None

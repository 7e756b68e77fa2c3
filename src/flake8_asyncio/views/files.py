"""What code on the event loop asks the file system although the project has threads ask it.

A question takes microseconds on a local disk, so evidence is wanted that it matters: the project has threads ask such
questions elsewhere, or the function itself has the same path opened aside, where the question could be asked as well.
Or the function does more with files on the loop, which then wants a thread for all of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from flake8_asyncio.bindings.opened import asked, opened
from flake8_asyncio.facts.model import Use
from flake8_asyncio.project import asides
from flake8_asyncio.project.asides import Aside
from flake8_asyncio.views.blocking import blocking
from flake8_asyncio.views.calls import CallView
from flake8_asyncio.views.elsewhere import uses_thread
from flake8_asyncio.views.entries import Entry
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

_HABIT = 6  # places that make one
_FILLS = re.compile(r"^tempfile\.")  # what it makes
_IN_PASSING = re.compile(r"\.(?:resolve|realpath|getcwd)$")  # where a path leads, which matters less than what is there

_KNOWN = re.compile(r"\.(?:DirEntry\.is_\w+|fstat)$")  # from the listing as a rule, or from when it was opened

_PATH = re.compile(r"path|file|dir|folder", re.IGNORECASE)  # of all that a function is given, what it asks about


def left_on_loop(module: ModuleView) -> Iterator[tuple[Entry, Aside]]:
    """The questions to the file system that the file asks on the event loop, and where a thread is given such.

    A place in the file itself counts, or several in the project. Who has a thread remove files may well ask for their
    names at once, but not the other way round; and to remove one near by takes no less than to read it. Where the same
    function opens the same path aside, any question counts.
    """
    found = blocking(module)
    near = [each for each in found.metadata_chains if len(each.chain.steps) == 1]
    entries = [*found.direct.get("metadata", ()), *near]
    entries = [each for each in entries if not _FILLS.search(each.chain.path)]
    if not entries:
        return
    name = str(module.source.path)
    text = b"\n" + module.source.text.encode("utf-8", "surrogatepass")
    here, filling = list(asides.read(name, text)), list(asides.filling(name, text))
    elsewhere = [each for each in module.world.asides if each.path != name]
    for entry in entries:
        is_change = asides.is_change(entry.chain.path)
        near_by = [*here, *filling] if is_change else [each for each in here if not each.changes]
        far = [each for each in elsewhere if is_change or not each.changes]
        if near_by or len(far) >= _HABIT:
            yield entry, (near_by or far)[0]
        elif lines := _of_same_path(entry):
            yield entry, Aside(name, lines[0], is_change)


def amid_work(module: ModuleView) -> Iterator[tuple[Entry, Entry]]:
    """The questions to the file system that a function asks on the event loop while it works there, with that work.

    Work is to read, write or list files, and to make or remove them. The same question counts once for each function.
    """
    found = blocking(module)
    near = [each for each in found.metadata_chains if len(each.chain.steps) == 1]
    questions = [*found.direct.get("metadata", ()), *near]
    if not questions:
        return
    known = {entry.span for entry, _ in left_on_loop(module)}
    files = [*found.direct.get("file", ()), *found.file_chains]
    works: dict[FunctionView, list[Entry]] = {}
    for entry in sorted([*files, *filter(_is_work, questions)], key=lambda each: each.span):
        works.setdefault(entry.function, []).append(entry)
    asked: set[tuple[FunctionView, str]] = set()
    for entry in questions:
        others = [each for each in works.get(entry.function, ()) if each.span != entry.span]
        question = entry.function, entry.chain.path
        if others and entry.span not in known and question not in asked and not _is_aside(entry):
            asked.add(question)
            yield entry, others[0]


def _is_work(entry: Entry) -> bool:
    return not _is_aside(entry) and asides.is_change(entry.chain.path)


def _is_aside(entry: Entry) -> bool:
    """Whether a question is no matter of its own."""
    return any(each.search(entry.chain.path) is not None for each in (_FILLS, _IN_PASSING, _KNOWN))


def _of_same_path(entry: Entry) -> list[int]:
    """Where the function that asks about a path has it opened aside."""
    call, path = entry.start, entry.chain.path
    body = entry.function.module.bodies.get(entry.function.span)
    if not isinstance(call, CallView) or body is None or _IN_PASSING.search(path):
        return []
    if not (lines := _opened(entry.function)):
        return []
    is_direct = entry.chain.is_direct
    paths = asked(body, call.span, is_method=is_direct and path.startswith("pathlib."))
    return sorted(lines[each] for each in paths if each in lines and (is_direct or _PATH.search(each)))


@functools.lru_cache(maxsize=2)
def _opened(function: FunctionView) -> dict[str, int]:
    """The paths that a function has opened aside, each with a line."""
    body = function.module.bodies.get(function.span)
    awaited = {each.span for each in function.calls if each.use in (Use.AWAITED, Use.ASYNC_ENTERED)}
    in_threads = {each.span for each in function.calls if uses_thread(each)}
    return opened(body, awaited, in_threads) if body is not None else {}

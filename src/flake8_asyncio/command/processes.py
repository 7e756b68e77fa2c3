"""Work on many files, spread over processes, each of which keeps what it knows from file to file."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, TypeVar

from flake8_asyncio.options import BadOption

if TYPE_CHECKING:
    from flake8_asyncio.command.machinery import Run

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    run: Run, jobs: int, work: Callable[[Run, Item], Result], items: Sequence[Item]
) -> Generator[Result, None, None]:
    """What `work` makes of each item, as it comes; in this process if there is but one item or job."""
    if min(jobs, len(items)) < 2:
        for item in items:
            yield work(run, item)
        return
    pool = ProcessPoolExecutor(min(jobs, len(items)), initializer=_start, initargs=(run,))
    try:
        for task in as_completed([pool.submit(_work, work, item) for item in items]):
            yield task.result()
    except BrokenProcessPool:
        raise BadOption("a worker process died, perhaps for want of memory; try --jobs=1") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Worker:
    """What a process keeps from item to item."""

    run: Run


def _start(run: Run) -> None:
    """Take the settings. Ctrl-C ends this process at once, and its parent says so; no user's file is written here."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _Worker.run = run


def _work(work: Callable[[Run, Any], Result], item: Any) -> Result:
    return work(_Worker.run, item)

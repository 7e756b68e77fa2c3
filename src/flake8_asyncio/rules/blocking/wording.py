"""How findings about blocking are worded, and how they can be mended."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import AwaitInstead, AwaitInThread, Finding, Fix, Place
from flake8_asyncio.knowledge import Claim
from flake8_asyncio.project.asides import Aside
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.blocking import blocking
from flake8_asyncio.views.entries import Entry
from flake8_asyncio.views.threads import needs_loop

_AS_IT_IS = (Use.ENTERED, Use.ITERATED, Use.AWAITED)


def direct(module: ModuleView, kind: str) -> Iterator[Finding]:
    """A finding for each call of a kind that stops the event loop."""
    for entry in blocking(module).direct.get(kind, ()):
        claim = entry.chain.claim
        yield Finding(
            entry.span,
            f"`{_name(entry)}` blocks the event loop: {claim.why}{_advice(claim)}",
            _instead(entry) or _in_thread(entry),
        )


def _name(entry: Entry) -> str:
    """What blocks, as the source has it where its class has no public name."""
    return getattr(entry.start, "text", "") if "._" in entry.chain.path else str(entry.chain)


def through(entry: Entry) -> Finding:
    """A finding for a chain of calls."""
    return Finding(
        entry.span,
        f"`{entry.chain}` {entry.where} blocks the event loop: {entry.chain.claim.why}",
        _in_thread(entry),
        places(entry),
    )


def asked_elsewhere(entry: Entry, aside: Aside) -> Finding:
    """A finding for a question to the file system that is asked in a thread elsewhere."""
    what = f"`{_name(entry)}`" if entry.chain.is_direct else f"`{entry.chain}` {entry.where}"
    is_here = aside.path == str(entry.function.module.source.path)
    file = aside.path.replace("\\", "/").rpartition("/")[2]
    where = f"line {aside.line}" if is_here else f"{file}:{aside.line}"
    return Finding(
        entry.span,
        f"{what} blocks the event loop: it works on the file system, which a thread does elsewhere ({where})",
        _in_thread(entry),
        places(entry),
    )


def asked_amid(entry: Entry, work: Entry) -> Finding:
    """A finding for a question to the file system beside other work there."""
    what = f"`{_name(entry)}`" if entry.chain.is_direct else f"`{entry.chain}` {entry.where}"
    return Finding(
        entry.span,
        f"{what} blocks the event loop: it works on the file system, and so does line {work.span.line}",
        _in_thread(entry),
        places(entry),
    )


def places(entry: Entry) -> tuple[Place, ...]:
    """The calls on the way."""
    return tuple(Place(*step) for step in entry.steps)


def _instead(entry: Entry) -> Fix | None:
    if not _is_call_of_cause(entry) or not entry.chain.claim.instead:
        return None
    return Fix(AwaitInstead(entry.span, entry.chain.claim.instead), is_safe=True)


def _in_thread(entry: Entry) -> Fix | None:
    """To await the call in a thread, where it is a call whose value is used as it is."""
    call = entry.start
    if not isinstance(call, CallView) or entry.chain.claim.thread is False:
        return None
    return None if entry.chain.is_direct and not _is_call_of_cause(entry) else in_thread(call)


def in_thread(call: CallView) -> Fix | None:
    """To await a call in a thread, if a coroutine uses its value as it is."""
    if not call.function.is_async or call.use in _AS_IT_IS or needs_loop(call):
        return None
    return Fix(AwaitInThread(call.span))


def _is_call_of_cause(entry: Entry) -> bool:
    """Whether the call names the cause itself, and does not just hand it over."""
    call = entry.start
    if not isinstance(call, CallView) or not entry.function.is_async or call.text.endswith((")", "…")):
        return False
    return call.path == entry.chain.path


def _advice(claim: Claim) -> str:
    if claim.instead:
        return f"; `await {claim.instead}(…)` does not"
    if claim.advice:
        return f"; {claim.advice}"
    if claim.kind.startswith("cpu"):
        return "; a process pool does it aside" if claim.thread is False else "; `asyncio.to_thread` does it aside"
    return ""

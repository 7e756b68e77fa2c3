"""Knowledge files written by hand, ours and users': TOML, one group per claim, a list of names in each.

A file is checked while it is read, because a claim that is misspelt would otherwise be a claim that is never made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flake8_asyncio.knowledge.annotation import reference
from flake8_asyncio.knowledge.entry import Entry, choice
from flake8_asyncio.knowledge.model import (
    KINDS,
    MARKERS,
    Claim,
    Effect,
    Handed,
    Handler,
    KnowledgeError,
    Lock,
    Makes,
    Result,
)

_OPT_IN = ("metadata", "cpu-small")
_LOOP_WHY = "it starts an event loop"


@dataclass(slots=True)
class Claims:
    """What one file, or several together, say about each name."""

    effects: dict[Effect, dict[str, Claim | None]] = field(default_factory=lambda: {effect: {} for effect in Effect})
    wild: dict[str, tuple[Claim | None, frozenset[str]]] = field(default_factory=dict)
    offloads: dict[str, Handed] = field(default_factory=dict)
    awaits: dict[str, Handed] = field(default_factory=dict)
    on_loop: dict[str, Handed] = field(default_factory=dict)
    calls_now: dict[str, Handed] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    makes: dict[str, Result] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)
    loop_classes: dict[str, bool] = field(default_factory=dict)
    changes_process: dict[str, bool] = field(default_factory=dict)
    never_suspends: dict[str, bool] = field(default_factory=dict)
    once_plain: dict[str, bool] = field(default_factory=dict)

    def tables(self) -> tuple[dict[str, Any], ...]:
        """The look-ups, always in the same order."""
        return (
            *self.effects.values(),
            self.wild,
            self.offloads,
            self.awaits,
            self.on_loop,
            self.calls_now,
            self.handlers,
            self.makes,
            self.attributes,
            self.classes,
            self.locks,
            self.loop_classes,
            self.changes_process,
            self.never_suspends,
            self.once_plain,
        )

    def add(self, other: Claims, takes: Callable[[str], bool], canonical: Callable[[str], str]) -> None:
        """Take over what another file says about some names; it wins."""
        for mine, theirs in zip(self.tables(), other.tables(), strict=True):
            for name, value in theirs.items():
                if takes(name):
                    mine[canonical(name)] = value

    @property
    def names(self) -> frozenset[str]:
        """Every name that something is said about."""
        return frozenset().union(*self.tables())


def read(path: Path) -> Claims:
    """The claims of a file; raises KnowledgeError, with the place and what belongs there."""
    import tomllib  # here, because most runs are served by very few files

    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise KnowledgeError(file, "", f"expected a readable TOML file ({reason})") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(file, "", f"expected TOML ({error})") from None
    claims = Claims()
    for group, tables in document.items():
        if group not in _GROUPS:
            raise KnowledgeError(file, group, f"expected one of {choice(group, _GROUPS)}")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise KnowledgeError(file, group, f"expected an array of tables, `[[{group}]]`")
        for index, table in enumerate(tables, start=1):
            add(claims, group, file, f"{group}[{index}]", table)
    return claims


def add(claims: Claims, group: str, file: str, place: str, table: dict[str, Any]) -> None:
    """Take in one table of a group; `file` and `place` are for what is said of a mistake."""
    entry = Entry(file, place, dict(table))
    for key in ("seen", "since", "until", "platform"):
        entry.text(key)
    entry.flag("dynamic", False)
    entry.source = entry.text("source")
    _GROUPS[group](claims, entry)
    entry.finish()


def _blocks(claims: Claims, entry: Entry) -> None:
    kind = entry.word("kind", KINDS, required=False)
    claim = Claim(
        kind,
        entry.text("why", required=True),
        entry.text("instead"),
        entry.text("advice"),
        entry.maybe("thread"),
        entry.flag("default", kind not in _OPT_IN),
        entry.flag("lazy", False),
        entry.conditions(),
        _markers(entry),
        entry.source,
    )
    wild = entry.names("wild", required=False)
    safe = frozenset(entry.names("safe", required=False, dotted=False))
    reads = entry.names("reads", required=False)
    claims.effects[Effect.BLOCKS].update(dict.fromkeys(entry.names("calls", required=not wild and not reads), claim))
    claims.effects[Effect.BLOCKS].update(dict.fromkeys(reads, claim._replace(is_read=True)))
    for name in wild:
        claims.wild[name] = (claim, safe)


def _harmless(claims: Claims, entry: Entry) -> None:
    wild = entry.names("wild", required=False)
    for name in entry.names("calls", required=not wild):
        for effect in Effect:
            claims.effects[effect][name] = None
    claims.wild.update(dict.fromkeys(wild, (None, frozenset())))


def _markers(entry: Entry) -> tuple[str, ...]:
    markers = entry.names("receiver", required=False, dotted=False)
    for marker in markers:
        if marker not in MARKERS:
            raise entry.error("receiver", f"a list of {choice(marker, MARKERS)}")
    return markers


def _runs_loop(claims: Claims, entry: Entry) -> None:
    why = entry.text("why") or _LOOP_WHY
    claim = Claim("loop", why, entry.text("instead"), entry.text("advice"), source=entry.source)
    for name in entry.names("calls"):
        claims.effects[Effect.RUNS_LOOP][name] = claim


def _offloads(claims: Claims, entry: Entry) -> None:
    if attributes := entry.names("attributes", required=False):
        polled = tuple(entry.names("polled", required=False, dotted=False))
        claims.offloads.update(dict.fromkeys((f"{each}=" for each in attributes), Handed(0, polled=polled)))
        return
    handed = entry.handed()._replace(process=entry.flag("process", False), takes_async=entry.flag("takes_async", False))
    claims.offloads.update(dict.fromkeys(entry.names("calls"), handed))


def _awaits(claims: Claims, entry: Entry) -> None:
    claims.awaits.update(dict.fromkeys(entry.names("calls"), entry.handed()))


def _on_loop(claims: Claims, entry: Entry) -> None:
    handed = entry.handed()._replace(takes_async=entry.flag("takes_async", False))
    claims.on_loop.update(dict.fromkeys(entry.names("calls"), handed))


def _calls_now(claims: Claims, entry: Entry) -> None:
    claims.calls_now.update(dict.fromkeys(entry.names("calls"), entry.handed()))


def _loop_classes(claims: Claims, entry: Entry) -> None:
    claims.loop_classes.update(dict.fromkeys(entry.names("classes"), True))


def _handlers(claims: Claims, entry: Entry) -> None:
    is_concurrent = entry.flag("concurrent", False)
    sync = entry.word("sync", ("loop", "thread"), required=False) or "loop"
    gives = tuple(map(reference, entry.names("gives", required=False)))
    events = {name: tuple(map(reference, types)) for name, types in entry.lists("events").items()}
    handler = Handler(is_concurrent, sync, gives, events)
    others = (*entry.names("methods", required=False), *entry.names("calls", required=False))
    claims.handlers.update(dict.fromkeys(entry.names("decorators", required=not others), handler))
    claims.handlers.update(dict.fromkeys(others, handler))


def _makes(claims: Claims, entry: Entry) -> None:
    makes = Makes(entry.word("a", tuple(make.value for make in Makes)))
    gives, entered, iterated = (reference(entry.text(key)) for key in ("gives", "entered", "iterated"))
    value = gives if makes is Makes.VALUE else reference(entry.text("value"))
    calls = entry.names("calls", required=not entry.has("attributes"))
    claims.makes.update(dict.fromkeys(calls, Result(makes, value, gives, entered, iterated)))
    claims.attributes.update(dict.fromkeys(entry.names("attributes", required=False), gives))


def _classes(claims: Claims, entry: Entry) -> None:
    bases = entry.names("bases", required=False)
    claims.classes.update(dict.fromkeys(entry.names("names"), bases))


def _locks(claims: Claims, entry: Entry) -> None:
    flavour = entry.word("flavour", ("asyncio", "thread", "process"))
    kind = entry.word("kind", ("lock", "semaphore", "condition", "event"))
    claims.locks.update(dict.fromkeys(entry.names("classes"), Lock(flavour, kind)))


def _process_globals(claims: Claims, entry: Entry) -> None:
    claims.changes_process.update(dict.fromkeys(entry.names("calls"), True))


def _suspends(claims: Claims, entry: Entry) -> None:
    claims.never_suspends.update(dict.fromkeys(entry.names("never"), True))


def _once_plain(claims: Claims, entry: Entry) -> None:
    claims.once_plain.update(dict.fromkeys(entry.names("packages", dotted=False), True))


_GROUPS: dict[str, Callable[[Claims, Entry], None]] = {
    "awaits": _awaits,
    "blocks": _blocks,
    "calls_now": _calls_now,
    "classes": _classes,
    "handlers": _handlers,
    "harmless": _harmless,
    "locks": _locks,
    "loop_classes": _loop_classes,
    "makes": _makes,
    "offloads": _offloads,
    "on_loop": _on_loop,
    "once_plain": _once_plain,
    "process_globals": _process_globals,
    "runs_loop": _runs_loop,
    "suspends": _suspends,
}

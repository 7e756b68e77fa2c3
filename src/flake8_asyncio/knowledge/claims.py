"""Knowledge files written by hand, ours and users': TOML, one group per claim, a list of names in each.

A file is checked while it is read, because a claim that is misspelt would otherwise be a claim that is never made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flake8_asyncio.knowledge.annotation import reference
from flake8_asyncio.knowledge.model import (
    KINDS,
    MARKERS,
    Claim,
    Condition,
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
        reader = _GROUPS.get(group)
        if reader is None:
            raise KnowledgeError(file, group, f"expected one of {_choice(group, _GROUPS)}")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise KnowledgeError(file, group, f"expected an array of tables, `[[{group}]]`")
        for index, table in enumerate(tables, start=1):
            entry = _Entry(file, f"{group}[{index}]", dict(table))
            for key in ("seen", "since", "until", "platform"):
                entry.text(key)
            entry.source = entry.text("source")
            reader(claims, entry)
            entry.finish()
    return claims


def _choice(word: str, words: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """The allowed words, with the one that was probably meant."""
    from difflib import get_close_matches

    options = sorted(words)
    close = get_close_matches(word, options, n=1)
    listed = ", ".join(f"`{option}`" for option in options)
    return f"{listed}; did you mean `{close[0]}`?" if close else listed


class _Entry:
    """One table of a file, whose keys are taken out one by one; what is left over in the end is unknown."""

    def __init__(self, file: str, place: str, values: dict[str, Any]) -> None:
        self._file, self._place, self._values = file, place, values
        self._known: list[str] = []
        self.source = ""

    def error(self, key: str, expected: str) -> KnowledgeError:
        """That the value of a key is not what belongs there."""
        return KnowledgeError(self._file, f"{self._place}.{key}" if key else self._place, f"expected {expected}")

    def finish(self) -> None:
        """Reject what no reader asked for."""
        for key in self._values:
            raise self.error(key, f"one of {_choice(key, self._known)}")

    def take(self, key: str) -> Any:
        """The value of a key, unchecked."""
        self._known.append(key)
        return self._values.pop(key, None)

    def has(self, key: str) -> bool:
        """Whether the key is there and not yet taken."""
        return key in self._values

    def text(self, key: str, required: bool = False) -> str:
        """A non-empty string."""
        value = self.take(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value:
            raise self.error(key, "a non-empty string")
        return value

    def word(self, key: str, words: tuple[str, ...], required: bool = True) -> str:
        """One of the given words."""
        value = self.take(key)
        if value is None and not required:
            return ""
        if value not in words:
            raise self.error(key, f"one of {_choice(str(value), words)}")
        return str(value)

    def flag(self, key: str, otherwise: bool) -> bool:
        """True or false."""
        value = self.take(key)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def maybe(self, key: str) -> bool | None:
        """True, false, or nothing said."""
        return self.flag(key, False) if self.has(key) else self.take(key)

    def names(self, key: str, required: bool = True, dotted: bool = True) -> tuple[str, ...]:
        """A list of names."""
        value = self.take(key)
        if value is None and not required:
            return ()
        wanted = "a list of dotted names, such as `package.module.function`" if dotted else "a list of strings"
        if not isinstance(value, list) or (required and not value):
            raise self.error(key, wanted)
        for name in value:
            if not isinstance(name, str) or not name:
                raise self.error(key, wanted)
            if dotted and not ("." in name and name.replace(".", "").isidentifier()):
                raise self.error(key, f"{wanted}; got `{name}`")
        return tuple(value)

    def handed(self) -> Handed:
        """Which argument: `argument = 0`, `argument = "name"`, `argument = "*"`, or a position and a name."""
        argument, position = self.take("argument"), self.take("position")
        if position is not None and (not isinstance(position, int) or isinstance(position, bool) or position < 0):
            raise self.error("position", "the argument's position, counted from 0")
        if isinstance(argument, int) and not isinstance(argument, bool) and argument >= 0 and position is None:
            return Handed(position=argument)
        if isinstance(argument, str) and argument:
            return Handed(every=True) if argument == "*" else Handed(position, argument)
        raise self.error("argument", 'a position counted from 0, a name, or "*"')

    def conditions(self) -> tuple[Condition, ...]:
        """The `unless` list."""
        value = self.take("unless")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.error("unless", 'a list of tables, such as `{argument = "timeout", position = 0, equals = [0]}`')
        places = enumerate(value, start=1)
        return tuple(_condition(_Entry(self._file, f"{self._place}.unless[{i}]", dict(each))) for i, each in places)


_TESTS = ("absent", "address", "contains", "equals", "given", "instance", "named", "only", "prefix")


def _condition(entry: _Entry) -> Condition:
    tests = [test for test in _TESTS if entry.has(test)]
    if len(tests) != 1:
        raise entry.error("", f"exactly one of {_choice('', _TESTS)}")
    test = tests[0]
    position = None
    if entry.has("position"):
        position = entry.take("position")
        if not isinstance(position, int) or isinstance(position, bool) or position < 0:
            raise entry.error("position", "the argument's position, counted from 0")
    argument: str | None = None
    if test in ("absent", "given", "only"):
        argument = entry.text(test, required=True)
    elif test == "address" and not entry.flag("address", True):
        raise entry.error("address", "true")
    if argument is None:
        argument = entry.text("argument") or None
        if argument is None and position is None:
            raise entry.error("argument", "the argument's name, a position, or both")
    condition = _test(entry, test, argument, position)
    entry.finish()
    return condition


def _test(entry: _Entry, test: str, argument: str | None, position: int | None) -> Condition:
    match test:
        case "equals":
            values = entry.take("equals")
            if not isinstance(values, list) or not all(isinstance(value, (bool, int, float, str)) for value in values):
                raise entry.error("equals", "a list of booleans, numbers or strings")
            literals = frozenset(literal for value in values for literal in _literals(value))
            flag = all(isinstance(value, bool) for value in values)
            return Condition(argument, position, equals=literals, flag=flag)
        case "contains":
            return Condition(argument, position, contains=frozenset(entry.names("contains")))
        case "instance":
            names = entry.names("instance")
            return Condition(argument, position, instance=frozenset(f"{name}()" for name in names))
        case "named":
            names = entry.names("named", dotted=False)
            return Condition(argument, position, named=frozenset("=None" if n == "None" else n for n in names))
        case "prefix":
            return Condition(argument, position, prefix=entry.names("prefix", dotted=False))
        case "address":
            return Condition(argument, position, address=True)
        case "absent":
            return Condition(argument, position, absent=True)
        case "given":
            return Condition(argument, position, given=True)
    return Condition(argument, position, only=True)


def _literals(value: bool | float | str) -> tuple[str, ...]:
    """How facts may spell a literal that equals the value."""
    if isinstance(value, str):
        return (f"={value!r}",)
    spellings = {f"={value!r}", f"={float(value)!r}"}
    if value in (0, 1):
        spellings |= {f"={bool(value)!r}", f"={int(value)!r}"} if isinstance(value, bool) else {f"={int(value)!r}"}
    return tuple(sorted(spellings))


def _blocks(claims: Claims, entry: _Entry) -> None:
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
    claims.effects[Effect.BLOCKS].update(dict.fromkeys(reads, replace(claim, is_read=True)))
    for name in wild:
        claims.wild[name] = (claim, safe)


def _harmless(claims: Claims, entry: _Entry) -> None:
    wild = entry.names("wild", required=False)
    for name in entry.names("calls", required=not wild):
        for effect in Effect:
            claims.effects[effect][name] = None
    claims.wild.update(dict.fromkeys(wild, (None, frozenset())))


def _markers(entry: _Entry) -> tuple[str, ...]:
    markers = entry.names("receiver", required=False, dotted=False)
    for marker in markers:
        if marker not in MARKERS:
            raise entry.error("receiver", f"a list of {_choice(marker, MARKERS)}")
    return markers


def _runs_loop(claims: Claims, entry: _Entry) -> None:
    why = entry.text("why") or _LOOP_WHY
    claim = Claim("loop", why, entry.text("instead"), entry.text("advice"), source=entry.source)
    for name in entry.names("calls"):
        claims.effects[Effect.RUNS_LOOP][name] = claim


def _offloads(claims: Claims, entry: _Entry) -> None:
    handed = replace(entry.handed(), process=entry.flag("process", False), takes_async=entry.flag("takes_async", False))
    claims.offloads.update(dict.fromkeys(entry.names("calls"), handed))


def _awaits(claims: Claims, entry: _Entry) -> None:
    claims.awaits.update(dict.fromkeys(entry.names("calls"), entry.handed()))


def _on_loop(claims: Claims, entry: _Entry) -> None:
    handed = replace(entry.handed(), takes_async=entry.flag("takes_async", False))
    claims.on_loop.update(dict.fromkeys(entry.names("calls"), handed))


def _calls_now(claims: Claims, entry: _Entry) -> None:
    claims.calls_now.update(dict.fromkeys(entry.names("calls"), entry.handed()))


def _loop_classes(claims: Claims, entry: _Entry) -> None:
    claims.loop_classes.update(dict.fromkeys(entry.names("classes"), True))


def _handlers(claims: Claims, entry: _Entry) -> None:
    handler = Handler(entry.flag("concurrent", False), entry.word("sync", ("loop", "thread"), required=False) or "loop")
    claims.handlers.update(dict.fromkeys(entry.names("decorators"), handler))


def _makes(claims: Claims, entry: _Entry) -> None:
    makes = Makes(entry.word("a", tuple(make.value for make in Makes)))
    gives, entered, iterated = (reference(entry.text(key)) for key in ("gives", "entered", "iterated"))
    value = gives if makes is Makes.VALUE else reference(entry.text("value"))
    calls = entry.names("calls", required=not entry.has("attributes"))
    claims.makes.update(dict.fromkeys(calls, Result(makes, value, gives, entered, iterated)))
    claims.attributes.update(dict.fromkeys(entry.names("attributes", required=False), gives))


def _classes(claims: Claims, entry: _Entry) -> None:
    bases = entry.names("bases", required=False)
    claims.classes.update(dict.fromkeys(entry.names("names"), bases))


def _locks(claims: Claims, entry: _Entry) -> None:
    flavour = entry.word("flavour", ("asyncio", "thread", "process"))
    kind = entry.word("kind", ("lock", "semaphore", "condition", "event"))
    claims.locks.update(dict.fromkeys(entry.names("classes"), Lock(flavour, kind)))


def _process_globals(claims: Claims, entry: _Entry) -> None:
    claims.changes_process.update(dict.fromkeys(entry.names("calls"), True))


def _suspends(claims: Claims, entry: _Entry) -> None:
    claims.never_suspends.update(dict.fromkeys(entry.names("never"), True))


_GROUPS: dict[str, Callable[[Claims, _Entry], None]] = {
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
    "process_globals": _process_globals,
    "runs_loop": _runs_loop,
    "suspends": _suspends,
}

"""Facts as JSON: a record is the list of its fields, so the model is also the format.

Functions are the bulk of a file's facts, and few of a dependency's are ever asked for: each is read when it is.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import operator
import types
import typing
from collections.abc import Callable, Iterator, Mapping, ValuesView
from enum import Enum
from typing import Any

from flake8_asyncio.facts.model import Facts, Function

Plain = Any  # what JSON can hold
_Reader = Callable[[Plain], Any]
_getters: dict[type[Any], Callable[[Any], Plain]] = {}


class Unread(Mapping[str, Function]):
    """Functions by name, each decoded when it is first asked for."""

    def __init__(self, raw: dict[str, Plain]) -> None:
        self._raw = raw
        self._made: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        if name not in self._made:
            self._made[name] = _reader(Function)(self._raw[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def get(self, name: str, default: Any = None) -> Any:
        """The function of that name."""
        return self[name] if name in self._raw else default

    def values(self) -> ValuesView[Function]:
        """All of them, in the order of the file."""
        if len(self._made) < len(self._raw):
            self._made = {name: self[name] for name in self._raw}
        return self._made.values()


def encode(facts: Facts) -> bytes:
    """The facts as JSON text."""
    return json.dumps(facts, default=_plain, separators=(",", ":")).encode()


def decode(content: bytes) -> Facts:
    """The facts in JSON text; raises `ValueError` or `TypeError` where it is none of ours."""
    raw = json.loads(content)
    if not isinstance(raw, list) or len(raw) != len(_fact_readers()):
        raise ValueError("not the facts of a file")
    pairs = zip(_fact_readers(), raw, strict=True)
    made: list[Any] = [Unread(each) if name == "functions" else read(each) for (name, read), each in pairs]
    return Facts(*made)


@functools.cache
def _fact_readers() -> list[tuple[str, _Reader]]:
    hints = _hints(Facts)
    return [(name, _reader(hints[name])) for name in _fields(Facts)]


def _plain(value: Any) -> Plain:
    """What the JSON encoder asks for when it meets something that it does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    kind = type(value)
    getter = _getters.get(kind)
    if getter is None:
        getter = _getters[kind] = operator.attrgetter(*_fields(kind))
    return getter(value)


def _fields(kind: type[Any]) -> tuple[str, ...]:
    named: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return tuple(field.name for field in dataclasses.fields(kind)) if named is None else named


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@functools.cache
def _reader(kind: Any) -> _Reader:
    if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_make")):
        return _record_reader(kind)
    arguments = typing.get_args(kind)
    match typing.get_origin(kind):
        case origin if origin is tuple:
            item = _reader(arguments[0])
            return tuple if item is _same else lambda raw: tuple([item(each) for each in raw])
        case origin if origin in (dict, Mapping):
            item = _reader(arguments[1])
            if arguments[0] is int:
                return lambda raw: {int(key): item(each) for key, each in raw.items()}
            return _same if item is _same else lambda raw: {key: item(each) for key, each in raw.items()}
        case types.UnionType:
            inner = _reader(next(each for each in arguments if each is not type(None)))
            return _same if inner is _same else lambda raw: None if raw is None else inner(raw)
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = {member.value: member for member in kind}
        return lambda raw: members[raw]
    return _same


def _record_reader(kind: type[Any]) -> _Reader:
    """Only the fields that are more than JSON are touched; a field too many or too few is a `TypeError`."""
    hints = _hints(kind)
    readers = [(index, _reader(hints[name])) for index, name in enumerate(_fields(kind))]
    readers = [(index, read) for index, read in readers if read is not _same]
    make: _Reader = getattr(kind, "_make", None) or (lambda raw: kind(*raw))
    if not readers:
        return make

    def read_record(raw: Plain) -> Any:
        for index, read in readers:
            raw[index] = read(raw[index])
        return make(raw)

    return read_record


def _same(raw: Plain) -> Plain:
    return raw

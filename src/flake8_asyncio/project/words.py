"""What the text of one file says by its words: which names it gives to what.

Questions about a whole project are answered from these. The facts of all its files would take far longer, and only
names are wanted.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.project import asides

_PLAIN = re.compile(rb"\n([ \t]*)def[ \t]+(\w+)")
_ASYNC = re.compile(rb"\n([ \t]*)async[ \t]+def[ \t]+(\w+)")
_ATTRIBUTE = re.compile(rb"\.(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")
_FIELD = re.compile(rb"\n[ \t]*(\w+)[ \t]*[:=]")
_CLASS = re.compile(rb"\n[ \t]*class[ \t]+(\w+)")
_MADE = re.compile(rb"(?<!class )\b([A-Z]\w*)\(")
_STUB = re.compile(  # a `def` whose body is no more than a docstring, `pass`, `...` or an error
    rb"\n([ \t]*)def[ \t]+\w+[ \t]*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[^:\n]*:[ \t]*(?:#[^\n]*)?"
    rb"(?:\s*[rR]?\"\"\"(?:[^\"]|\"(?!\"\"))*\"\"\")?"
    rb"\s*(?:pass\b|\.\.\.|raise NotImplementedError[^\n]*)?[ \t]*(?:#[^\n]*)?"
    rb"(?=\n(?:[ \t]*\n)*(?!\1[ \t])|$)"
)
_YIELD = re.compile(rb"\byield\b")
_DEEPEST = 39  # columns


class Words(NamedTuple):
    """The names of a file, each once in its kind.

    `coroutines` are coroutine functions, of which `decorated` have decorators; `generators` asynchronous ones. `lone`
    are plain methods that nothing else in the file is defined as, `plain` all other plain functions, and `stubs` those
    of both that have no bodies wherever the file defines them; `bound` are attributes, fields and variables; `classes`
    are defined, and `made` called like classes. `asides` are the lines in which a thread is given something to ask the
    file system, and whether it is to change something there.
    """

    coroutines: tuple[str, ...] = ()
    decorated: tuple[str, ...] = ()
    generators: tuple[str, ...] = ()
    lone: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    asides: tuple[tuple[int, bool], ...] = ()


def read(path: str) -> Words:
    """The words of a file; none if it cannot be read."""
    try:
        with open(path, "rb") as file:
            text = b"\n" + file.read()
    except OSError:
        return Words()
    coroutines: list[bytes] = []
    decorated: list[bytes] = []
    generators: list[bytes] = []
    has_yield = b"yield" in text
    for found in _ASYNC.finditer(text) if b"async" in text else ():
        indent, name = found.groups()
        if has_yield and _is_generator(text, found.end(), len(indent.expandtabs())):
            generators.append(name)
            continue
        coroutines.append(name)
        if _is_decorated(text, found.start()):
            decorated.append(name)
    lone, plain = _methods(text)
    return Words(
        _names(coroutines),
        _names(decorated),
        _names(generators),
        _names(lone),
        _names(plain),
        _names(_stubs(text)),
        _names([*_ATTRIBUTE.findall(text), *_FIELD.findall(text)]),
        _names(_CLASS.findall(text)),
        _names(_MADE.findall(text)),
        tuple((line, changes) for _, line, changes in asides.read(path, text)),
    )


def _methods(text: bytes) -> tuple[list[bytes], list[bytes]]:
    """The methods that are defined once and whose names are more than a word, which others may have; the others."""
    lone: dict[bytes, None] = {}
    others: dict[bytes, None] = {}
    for indent, name in _PLAIN.findall(text):
        if indent and name not in lone and name not in others and b"_" in name.strip(b"_"):
            lone[name] = None
        else:
            lone.pop(name, None)
            others[name] = None
    return list(lone), list(others)


def _stubs(text: bytes) -> list[bytes]:
    """The plain methods that have no bodies."""
    found: dict[bytes, bool] = {}
    for each in _PLAIN.finditer(text):
        if each[1] and found.get(each[2], True):
            found[each[2]] = _STUB.match(text, each.start()) is not None
    return [name for name, is_stub in found.items() if is_stub]


def _names(found: list[bytes]) -> tuple[str, ...]:
    return tuple([each.decode("utf-8", "replace") for each in dict.fromkeys(found)])


@functools.cache
def _end(width: int) -> re.Pattern[bytes]:
    """What ends a body whose `def` stands so far in."""
    return re.compile(rb"\n[ \t]{0,%d}[^ \t\n#)\]}]" % width)


def _is_generator(text: bytes, start: int, width: int) -> bool:
    end = _end(min(width, _DEEPEST)).search(text, start)
    return _YIELD.search(text, start, end.start() if end else len(text)) is not None


def _is_decorated(text: bytes, start: int) -> bool:
    before = text[text.rfind(b"\n", 0, start) + 1 : start].strip()
    return before.startswith(b"@") or before == b")"


@functools.cache
def version() -> tuple[int, ...]:
    """Which versions of the modules that read words these are."""
    stamps = [os.stat(each) for each in (__file__, asides.__file__)]
    return tuple(number for each in stamps for number in (each.st_size, each.st_mtime_ns))


def encoded(words: Words) -> list[object]:
    """What JSON keeps of them."""
    return [*(" ".join(names) for names in words[:-1]), words.asides]


def decoded(kept: list[object]) -> Words:
    """What was kept; raises `ValueError` or `TypeError` if it is nothing of the kind."""
    *names, found = kept
    if not isinstance(found, list) or len(names) != len(Words._fields) - 1:
        raise ValueError("no words")
    return Words._make(
        [*(tuple(str(each).split()) for each in names), tuple((line, is_change) for line, is_change in found)]
    )


def of_files(paths: list[str]) -> Iterator[tuple[str, Words]]:
    """The words of files, with their paths."""
    for path in paths:
        yield path, read(path)

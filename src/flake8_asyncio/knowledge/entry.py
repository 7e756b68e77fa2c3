"""One table of a knowledge file, checked while its keys are taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flake8_asyncio.knowledge.model import Condition, Handed, KnowledgeError


def choice(word: str, words: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """The allowed words, with the one that was probably meant."""
    from difflib import get_close_matches

    options = sorted(words)
    close = get_close_matches(word, options, n=1)
    listed = ", ".join(f"`{option}`" for option in options)
    return f"{listed}; did you mean `{close[0]}`?" if close else listed


class Entry:
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
            raise self.error(key, f"one of {choice(key, self._known)}")

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
            raise self.error(key, f"one of {choice(str(value), words)}")
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

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table of lists of names."""
        value = self.take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(key, 'a table of lists, such as `{ on_message = ["discord.Message"] }`')
        return {each: Entry(self._file, f"{self._place}.{key}", dict(value)).names(each) for each in value}

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
        return tuple(_condition(Entry(self._file, f"{self._place}.unless[{i}]", dict(each))) for i, each in places)


_TESTS = ("absent", "address", "contains", "equals", "given", "instance", "named", "only", "prefix")


def _condition(entry: Entry) -> Condition:
    tests = [test for test in _TESTS if entry.has(test)]
    if len(tests) != 1:
        raise entry.error("", f"exactly one of {choice('', _TESTS)}")
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


def _test(entry: Entry, test: str, argument: str | None, position: int | None) -> Condition:
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

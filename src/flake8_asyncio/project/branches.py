"""Which branches of a body a caller rules out, by its arguments and by what it has tested.

`fetch(mode="sync")` does not come to what `fetch` does under `if mode == "async":`. A literal that a function only
hands on counts as well, two functions far. What a caller knows of `self`, the methods that it calls know: what it has
tested, and of which class it is, so that a method of a base class comes to what the subclass overrides. A parameter
without a type is what this caller gives for it, and a number tells how long loops take that count up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flake8_asyncio.cost import Number, lasting
from flake8_asyncio.facts.model import NONE, UNKNOWN, Arguments, Call, Class, Function, Loop, Ref
from flake8_asyncio.facts.references import alternatives, number
from flake8_asyncio.project.contexts import parameter_of, position
from flake8_asyncio.project.names import located
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import NOTHING, Instance, Object, Super, Target

_FALSE = ("=None", "=False", "=0", "=''", "=0.0")
_EXIT = ".__exit__"
_FARTHEST = 2  # functions that only hand a literal on
_MET, _GIVEN, _SELF = "met ", "given ", "self "
_BASES = {
    "builtins.bool": {"builtins.int"},
    "io.BytesIO": {"io.IOBase", "io.BufferedIOBase", "typing.BinaryIO", "typing.IO"},
    "io.StringIO": {"io.IOBase", "io.TextIOBase", "typing.TextIO", "typing.IO"},
    "pathlib.Path": {"pathlib.PurePath", "os.PathLike"},
    **{f"builtins.{name}": set[str]() for name in ("str", "bytes", "int", "float", "dict", "list", "tuple", "set")},
}
_CONCRETE = _BASES.keys() | {"builtins.bytearray", "builtins.memoryview"}
_OTHERS = _CONCRETE | {base for bases in _BASES.values() for base in bases}

Known = frozenset[str]  # guards that do not hold, `met` states that do, `given` literals and the class of `self`


class Branches:
    """What callers rule out, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._own: dict[Function, frozenset[str]] = {}
        self._handed: dict[tuple[Function, int], frozenset[str]] = {}
        self._untyped: dict[Function, frozenset[str]] = {}
        self._tests: dict[Function, frozenset[str]] = {}

    def known(self, body: Function, target: Target, call: Call) -> Known:
        """What a call says of the body that it runs."""
        if body.name.endswith(_EXIT):
            return without_error(body)
        is_own = call.text.rpartition(".")[0] == "self"
        met = [f"{_MET}{each}" for each in call.guards if each.startswith("done self.")] if is_own else []
        met += [f"{_SELF}{of.path}" for of in self._receivers(target, call) if self._is_overridden(body, of)]
        if body is not target and not isinstance(target, Class):
            return frozenset(met)
        given = _given(body, call)
        if untyped := self._called_on(body):
            met += [f"{_GIVEN}{each} {value}" for each, value in given if each in untyped and self._is_known(value)]
        if counted := _counted(body):
            given = [(each, self._constant(value) if each in counted else value) for each, value in given]
            met += [f"{_GIVEN}{each} {value}" for each, value in given if each in counted and number(value) is not None]
        if guards := self._tests_of(body):
            for each, value in given:
                met += guards & self._ruled_out(body, each, value)
        met += [f"{_GIVEN}{each} {value}" for each, value in given if self._is_handed_on(body, each, value)]
        return frozenset(met)

    def seen(self, call: Call, function: Function, known: Known) -> Call | None:
        """A call of a body of which this is known; None if it does not happen."""
        if not known:
            return call
        if not known.isdisjoint(call.guards):
            return None
        met = tuple(each.removeprefix(_MET) for each in known if each.startswith(_MET))
        given = _told(known)
        for of in (each.removeprefix(_SELF) for each in known if each.startswith(_SELF)):
            if call.callee.startswith(f"{function.owner}()."):
                call = call._replace(callee=f"{of}{call.callee.removeprefix(function.owner)}")
        if given:
            owner, _, rest = call.callee.partition("$")
            name, dot, method = rest.partition(".")
            if dot and owner == function.path and given.get(name, "=")[0] != "=":
                call = call._replace(callee=f"{given[name]}.{method}")
            positional = tuple(_replaced(each, function, given) for each in call.arguments.positional)
            keywords = {
                name: _replaced(each, function, given) for name, each in (call.arguments.keywords or {}).items()
            }
            call = call._replace(arguments=Arguments(positional, keywords or None, call.arguments.is_open))
        return call._replace(guards=(*call.guards, *met)) if met else call

    def lasting(self, loop: Loop, known: Known) -> int | None:
        """The milliseconds that a loop of a body takes of which this is known; None for one that only spins."""
        if loop.kind != "growing":
            return loop.milliseconds if loop.kind == "heavy" else None
        return takes(loop, _told(known))

    def _constant(self, value: Ref) -> Ref:
        """The literal that a name of a module stands for."""
        if value[:1] in ("", "=", "?"):
            return value
        facts, parts = located(self.world.facts, value)
        return facts.names.get(parts[0], value) if facts is not None and len(parts) == 1 else value

    def _receivers(self, target: Target, call: Call) -> Iterator[Class]:
        """The class of what a method is called on, where it is just one."""
        if isinstance(target, Class):
            yield target
        elif isinstance(target, Function) and target.owner:
            match self.world.resolve(call.callee.rpartition(".")[0] or UNKNOWN):
                case Instance(of) | Super(of):
                    yield of

    def _is_overridden(self, body: Function, of: Class) -> bool:
        """Whether a class overrides what a method of one of its base classes calls on itself."""
        if not body.owner or body.owner == of.path:
            return False
        names = self._own_calls(body)
        is_overridden = False
        for each in self.world.ancestry.of(of) if names else ():
            if isinstance(each, Class):
                if each.path == body.owner:
                    return is_overridden
                is_overridden = is_overridden or not names.isdisjoint(each.methods)
        return False  # the body is of a subclass, where a method that stands for others is overridden

    def _own_calls(self, body: Function) -> frozenset[str]:
        """The methods that a method calls on itself, in the end."""
        if body not in self._own:
            prefix = f"{body.owner}()."
            self._own[body] = frozenset()
            own = {call.callee.removeprefix(prefix) for call in body.calls if call.callee.startswith(prefix)}
            owner = self.world.resolve(body.owner)
            if own and isinstance(owner, Class):
                methods = [self.world.members.own_method(owner, each) for each in own]
                own.update(*(self._own_calls(each) for each in methods if each is not None))
            self._own[body] = frozenset(own)
        return self._own[body]

    def _tests_of(self, body: Function) -> frozenset[str]:
        """The conditions on its parameters under which a body calls anything."""
        if body not in self._tests:
            self._tests[body] = frozenset(_tests(body))
        return self._tests[body]

    def _ruled_out(self, body: Function, name: str, value: Ref) -> set[str]:
        if not value:
            return set()
        if value[:1] != "=":
            kind = value.removesuffix("()")
            found = _untrue(body, name, lambda test: _fails_as(kind, test)) if kind in _BASES else set[str]()
            return found if any(map(self._may_be_none, alternatives(value))) else {*found, f"none {name}"}
        found = {f"if {name}" if value in _FALSE else f"not {name}"}
        if value != NONE:
            found.add(f"none {name}")
        if value[1] == "'":
            found |= _untrue(body, name, lambda test: _fails(value[2:-1], test))
        return found

    def _may_be_none(self, value: Ref) -> bool:
        """Whether a value is `None`, or a parameter that is unless a caller says otherwise."""
        path, dollar, name = value.partition("$")
        if not dollar:
            return value == NONE
        facts, parts = located(self.world.facts, path)
        function = facts.functions.get(".".join(parts)) if facts is not None else None
        parameter = function.parameter(name) if function is not None else None
        return parameter is not None and parameter.default == NONE

    def _is_handed_on(self, body: Function, name: str, value: Ref) -> bool:
        is_literal = value.startswith("='") or number(value) is not None
        return is_literal and name in self._hands_on(body, _FARTHEST)

    def _called_on(self, body: Function) -> frozenset[str]:
        """The parameters without a type on which a body calls methods, or that it hands on."""
        if body not in self._untyped:
            untyped = {f"{body.path}${each.name}" for each in body.parameters if each.annotation == UNKNOWN}
            refs = (
                {ref for call in body.calls for ref in (call.callee, *call.arguments.all())} if untyped else set[Ref]()
            )
            found = {
                owner + dollar + rest.partition(".")[0]
                for owner, dollar, rest in (each.partition("$") for each in refs)
            }
            self._untyped[body] = frozenset(each.rpartition("$")[2] for each in untyped & found)
        return self._untyped[body]

    def _is_known(self, value: Ref) -> bool:
        """Whether a value is an object of which something is known."""
        found = self.world.certain(value) if value and value[0] not in "?=" else NOTHING
        return bool(found) and all(isinstance(each, Object | Instance) for each in found)

    def _hands_on(self, body: Function, farthest: int) -> frozenset[str]:
        """The parameters that a function hands on to one that tests them."""
        key = (body, farthest)
        if key not in self._handed:
            self._handed[key] = frozenset()
            found: set[str] = set()
            for call in body.calls:
                handed = [(each, name) for each in call.arguments.all() if (name := parameter_of(body, each))]
                for target in self.world.certain(call.callee) if handed else ():
                    if isinstance(target, Function):
                        tested = _tested(target) | _counted(target)
                        if farthest > 1:
                            tested |= self._hands_on(target, farthest - 1)
                        taken = {value for name, value in _given(target, call) if name in tested}
                        found.update(name for each, name in handed if each in taken)
            self._handed[key] = frozenset(found)
        return self._handed[key]


def without_error(body: Function) -> Known:
    """What is known of a body that syntax runs: nothing but that most blocks end without an error."""
    if not body.name.endswith(_EXIT):
        return frozenset()
    return frozenset(f"if {each.name}" for each in body.parameters if each.name != "self")


def _told(known: Known) -> dict[str, Ref]:
    """What parameters are given, as far as a caller says it."""
    return dict(each.removeprefix(_GIVEN).split(" ", 1) for each in known if each.startswith(_GIVEN))


def takes(loop: Loop, given: Mapping[str, Ref]) -> int:
    """The milliseconds that a loop takes which parameters lengthen, with what they are given."""
    values: dict[str, Number] = {}
    for name in loop.by:
        value = number(given.get(name, UNKNOWN))
        if value is not None:
            values[name] = value
    return lasting(loop.unit, loop.by, loop.base, values)


def _counted(body: Function) -> frozenset[str]:
    """The parameters that say how often loops of a body run."""
    return frozenset(name for loop in body.loops for name in loop.by)


def _given(body: Function, call: Call) -> list[tuple[str, Ref]]:
    """The parameters of a body with what a call gives them, or their defaults."""
    found = []
    for parameter in body.parameters:
        if parameter.kind not in ("*", "**") and parameter.name not in ("self", "cls"):
            value = call.arguments.get(position(body, parameter.name), parameter.name)
            if value == UNKNOWN and call.arguments.is_open:
                value = ""
            found.append((parameter.name, parameter.default if value is None else value))
    return found


def _tests(body: Function) -> set[str]:
    return {guard for call in body.calls for guard in call.guards if guard.startswith(("if ", "not ", "none "))}


def _tested(body: Function) -> frozenset[str]:
    return frozenset(parts[1] for guard in _tests(body) if len(parts := guard.split(" ", 3)) > 3)


def _untrue(body: Function, name: str, fails: Callable[[list[str]], bool | None]) -> set[str]:
    """The guards of a body about a parameter that do not hold, where it is known which test fails."""
    found = set()
    for guard in _tests(body):
        way, tested, *test = guard.split(" ")
        if tested == name and test and (failed := fails(test)) is not None and failed == (way == "if"):
            found.add(guard)
    return found


def _fails(text: str, test: list[str]) -> bool | None:
    values = [each[1:-1] for each in test[1:]]
    match test[0]:
        case "==":
            return text not in values
        case "^":
            return not text.startswith(tuple(values))
    return _fails_as("builtins.str", test)


def _fails_as(kind: str, test: list[str]) -> bool | None:
    classes = set(test[1:])
    if test[0] != "is":
        return None
    if kind in classes or _BASES[kind] & classes:
        return False
    return True if classes <= _OTHERS else None


def _replaced(value: Ref, function: Function, given: dict[str, str]) -> Ref:
    return given.get(parameter_of(function, value), value)

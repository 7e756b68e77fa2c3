"""Whether awaiting something can ever let another task run.

"May suspend" is graph search along what a coroutine awaits: whatever is unknown suspends, so only coroutines all of
whose awaits lead to coroutines that never wait are known not to.
"""

from __future__ import annotations

from flake8_asyncio.facts.model import Function, Kind, Ref, Use
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.project import decorators
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import External, Instance, Lazy, Promise, Target

_AWAITING = frozenset({Use.AWAITED, Use.ASYNC_ENTERED, Use.ASYNC_ITERATED})


class Suspension:
    """What suspends, as one world shows it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[Function, bool] = {}

    def may_suspend(self, value: Ref, use: Use) -> bool:
        """Whether awaiting, entering or iterating over a value may suspend."""
        targets = self.world.certain(value)
        return not targets or any(self._target(each, use) for each in targets)

    def _target(self, target: Target, use: Use) -> bool:
        bodies = self._bodies(target, use)
        return bodies is None or any(self.function(each) for each in bodies)

    def function(self, start: Function) -> bool:
        """Whether the body of a coroutine may suspend."""
        if start not in self._known:
            seen, pending = {start}, [start]
            suspends = False
            while pending and not suspends:
                for value, use in self._awaited(pending.pop()):
                    targets = self.world.certain(value)
                    found = [self._bodies(each, use) for each in targets]
                    if not found or any(each is None for each in found):
                        suspends = True
                        break
                    new = {each for group in found if group for each in group} - seen
                    seen |= new
                    pending.extend(new)
            self._known.update(dict.fromkeys(seen, False) if not suspends else {start: True})
        return self._known[start]

    def _awaited(self, function: Function) -> list[tuple[Ref, Use]]:
        """What a body awaits; something unknown where it awaits what the facts do not name."""
        found = [(f"{call.callee}()" if call.callee != "?" else "?", call.use) for call in function.calls]
        found += [(use.value, use.use) for use in function.uses]
        awaited = [each for each in found if each[1] in _AWAITING]
        if "awaits" in function.flags and not awaited:
            return [("?", Use.AWAITED)]
        return awaited

    def _bodies(self, target: Target, use: Use) -> list[Function] | None:
        """The coroutines that run when a value is awaited or entered; None for what is beyond the project."""
        match target:
            case Promise(kind=Makes.COROUTINE, by=Function() as function) if use is Use.AWAITED:
                return None if "stub" in function.flags else [function]
            case Promise(by=External(path)):
                return [] if self.world.knowledge.never_suspends(path) else None
            case Lazy(by=function, is_manager=True) if use is Use.ASYNC_ENTERED:
                return [function] if self._is_plain(function) else None
            case Instance(of) if use is Use.ASYNC_ENTERED:
                methods = [self.world.members.own_method(of, name) for name in ("__aenter__", "__aexit__")]
                found = [each for each in methods if each is not None and each.kind is Kind.COROUTINE]
                return found if len(found) == len(methods) else None
        return None

    def _is_plain(self, function: Function) -> bool:
        return decorators.made(function, self.world.targets) is decorators.Made.ASYNC_MANAGER

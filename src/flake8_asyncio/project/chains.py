"""What is asked about effects, and the answer: a chain of calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from flake8_asyncio.facts.model import Function
from flake8_asyncio.knowledge import Claim, Effect
from flake8_asyncio.syntax.source import Span

_Node = TypeVar("_Node")
Cause = tuple[str, Span]  # the function that calls it, and where
_FARTHEST = 5  # functions on the way; the further, the likelier is a condition that never holds
_DOUBTFUL = 6  # functions, and conditions that are seen
_OPT_IN = ("metadata", "cpu-small")


class Step(NamedTuple):
    """A place where a function hands over to the next: a call, or the reading of a property.

    A call in a branch is `doubtful`: it happens only under a condition of which nothing is known.
    """

    function: Function
    span: Span
    text: str
    is_doubtful: bool = False


class Chain(NamedTuple):
    """How a call comes to its effect: through the functions on the way, to the name outside that has it.

    `steps` are the places inside those functions, in order; the last is where the cause is called.
    """

    path: str
    claim: Claim
    steps: tuple[Step, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Whether the call itself has the effect."""
        return not self.steps

    @property
    def names(self) -> tuple[str, ...]:
        """The functions on the way and the cause, as the source has it where its class has no public name."""
        cause = self.steps[-1].text if self.steps and "._" in self.path else self.path.removeprefix("builtins.")
        return (*(short(step.function) for step in self.steps), cause)

    @property
    def cause(self) -> Cause | None:
        """Where the cause is called; None for a direct call."""
        return (self.steps[-1].function.path, self.steps[-1].span) if self.steps else None

    def __str__(self) -> str:
        return " → ".join(self.names)


class Query(NamedTuple):
    """What is looked for: an effect, and for blocking the kinds of it."""

    effect: Effect
    kinds: frozenset[str] = frozenset()
    milliseconds: int = 0  # with loops that take as long
    apart: frozenset[str] = frozenset()  # from what these functions call, which is known already
    farthest: int = _FARTHEST

    def takes(self, claim: Claim) -> bool:
        """Whether a claim is of the kind that is looked for."""
        if not claim.default and claim.kind not in _OPT_IN:
            return False
        return not self.kinds or claim.kind in self.kinds

    def reaches(self, calls: int, doubted: int) -> bool:
        """Whether a cause counts that is so many calls away, of which so many are in branches.

        Who looks farther than usual takes conditions as they come.
        """
        is_counted = self.effect is Effect.BLOCKS and self.farthest <= _FARTHEST
        return calls <= self.farthest and (not is_counted or calls + doubted <= _DOUBTFUL)


def short(function: Function) -> str:
    """A function's name as people say it: `Store.load` or `fetch`."""
    parts = function.name.split(".")
    name = parts[-1].partition("#")[0]
    if name.startswith("lambda_"):
        return "lambda"
    return f"{function.owner.rpartition('.')[2]}.{name}" if function.owner else name


def trace(node: _Node, last: Step, came_from: dict[_Node, tuple[_Node, Step] | None]) -> tuple[Step, ...]:
    """The steps from a start to the last one, by where each was come from."""
    steps = [last]
    while (before := came_from[node]) is not None:
        node, step = before
        steps.append(step)
    return tuple(reversed(steps))


def doubts(steps: Iterable[Step]) -> int:
    """How many conditions have to hold for all of these steps."""
    return sum(each.is_doubtful for each in steps)


def length(chain: Chain) -> int:
    """How many functions are on the way."""
    return len(chain.steps)

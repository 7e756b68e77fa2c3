"""The control-flow graph of one function or module body: blocks of events in Python's order of evaluation.

An event is something that happens to one syntax node: an expression got its value, a target was stored to, the task
was suspended. Operands come before what uses them, so an analysis can keep what it knows about a value under the node
that made it.

`builder.build` makes graphs. What they say, and what they do not:

- An edge with a `test` is taken when that expression, evaluated at the end of the block, is true or false as
  `polarity` says. A test is branched upon as a whole: the paths through `a and b` meet again before the branch, though
  the edge to `b` itself carries `a`. An edge into a `case` carries the case, and so does
  the edge to what is tried when it does not match.
- An exceptional edge leaves from the *beginning* of its block: nothing in the block has happened yet. Inside `try`, a
  block ends after every statement and every suspension, so handlers see each state that can reach them. Exceptions that
  no `try` or suppressing `with` of this function surrounds have no edge, but for `raise` and `assert`, which lead to
  `raised`.
- `finally` and the exits of `with` are written out once for each way of leaving them; a node may so be in several
  blocks.
- A call is assumed to return, unless `builder.never_returns` says otherwise.
- Bodies of nested functions, lambdas and classes are not part of it: they are a `DEFINE` event. A generator
  expression is taken to run where it is written, and its own suspensions are left out.
- The names of a comprehension are not told from the function's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What happens to the node of an event."""

    EVALUATE = 0  # the expression has its value; constants are left out, the target of `x += 1` is not
    STORE = 1  # the target was bound; `value` is the expression that it was given, where there is one for it alone
    DELETE = 2
    AWAIT = 3  # the `await` expression: its operand is evaluated, the task may be suspended
    YIELD = 4
    NEXT = 5  # a `for` statement or a comprehension's `for` asks for the next item
    ENTER = 6  # the context expression of a `with` item was entered
    EXIT = 7
    DEFINE = 8  # a function, class, lambda or import
    HANDLE = 9  # an `except` clause begins; the statement is its `try`
    CASE = 10  # a `case` matched, and bound its names
    DISCARD = 11  # the value of an expression statement is dropped
    RETURN = 12
    RAISE = 13


class Event(NamedTuple):
    """One thing that happens; a tuple, as there is one for every expression."""

    kind: Kind
    node: ast.AST
    statement: ast.stmt
    value: ast.expr | None = None

    @property
    def is_async(self) -> bool:
        """Whether it can suspend: an `await`, a step of `async for`, the entry or exit of `async with`."""
        match self.kind:
            case Kind.AWAIT:
                return True
            case Kind.ENTER | Kind.EXIT:
                return isinstance(self.statement, ast.AsyncWith)
            case Kind.NEXT:
                node = self.node
                return bool(node.is_async) if isinstance(node, ast.comprehension) else isinstance(node, ast.AsyncFor)
        return False


@dataclass(slots=True, eq=False)
class Block:
    """Events that follow each other, and where control goes then."""

    index: int
    events: list[Event] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


class Edge(NamedTuple):
    """A step from one block to another."""

    target: Block
    test: ast.expr | ast.match_case | None = None
    polarity: bool = True
    is_exceptional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The blocks of a body: `exit` is reached by returning, `raised` by an exception that leaves it."""

    entry: Block
    exit: Block
    raised: Block
    blocks: list[Block]

    def order(self) -> list[Block]:
        """The blocks that can be reached, each before its successors but for the edges back to a loop's head."""
        seen = {self.entry.index}
        finished: list[Block] = []
        pending: list[tuple[Block, Iterator[Edge]]] = [(self.entry, iter(self.entry.edges))]
        while pending:
            block, edges = pending[-1]
            for edge in edges:
                if edge.target.index not in seen:
                    seen.add(edge.target.index)
                    pending.append((edge.target, iter(edge.target.edges)))
                    break
            else:
                finished.append(block)
                pending.pop()
        finished.reverse()
        return finished

    def reachable(self, start: Block, without: Block | None = None) -> set[int]:
        """The indices of the blocks reachable from `start`, itself included, not passing through `without`."""
        seen = {start.index}
        pending = [start]
        while pending:
            for edge in pending.pop().edges:
                if edge.target.index not in seen and edge.target is not without:
                    seen.add(edge.target.index)
                    pending.append(edge.target)
        return seen

    def reaching(self, end: Block, without: Block | None = None) -> set[int]:
        """The indices of the blocks that reach `end`, itself included, not passing through `without`."""
        sources: dict[int, list[int]] = {}
        for block in self.blocks:
            if block is without:
                continue
            for edge in block.edges:
                sources.setdefault(edge.target.index, []).append(block.index)
        seen = {end.index}
        pending = [end.index]
        while pending:
            for source in sources.get(pending.pop(), ()):
                if source not in seen:
                    seen.add(source)
                    pending.append(source)
        return seen

"""What the analysis asks about expressions whose meaning lies outside the file."""

from __future__ import annotations

import ast
from typing import NamedTuple, Protocol

from flake8_asyncio.options import Sharing

Body = ast.FunctionDef | ast.AsyncFunctionDef


class Lock(NamedTuple):
    """What an expression of a lock's type is.

    `flavour` is `asyncio`, `thread`, `process` or, for what only has the name of a lock, `unknown`. `kind` is `lock`,
    `rlock`, `semaphore` or `condition`. Several tasks can hold one that is not exclusive.
    """

    flavour: str
    kind: str = "lock"
    is_exclusive: bool = True


class Oracle(Protocol):
    """The types and effects of expressions in a function, as far as somebody knows them; None is unknown.

    The analysis asks only after what the file itself says has failed to answer. `said` is what the project's settings
    say of shared state.
    """

    said: Sharing

    def suspends(self, node: ast.expr, body: Body) -> bool | None:
        """Whether awaiting or entering `node` can ever suspend; an unknown one is taken to."""

    def lock(self, node: ast.expr, body: Body) -> Lock | None:
        """What kind of lock `node` is."""

    def container(self, node: ast.expr, body: Body) -> str | None:
        """`dict`, `list`, `set` or `deque`, if `node` is of such a type."""

    def changes_process(self, node: ast.expr, body: Body) -> bool | None:
        """Whether entering `node` changes something of the whole process until it is left."""

    def removal(self, node: ast.expr, body: Body) -> str | None:
        """Where other files remove something from the collection `node`: `` `leave()` in rooms.py line 4 ``."""

    def is_per_task(self, owner: ast.ClassDef) -> bool | None:
        """Whether each instance of the class belongs to one task, as a request handler does."""


class NoOracle:
    """Knows nothing but the file."""

    said = Sharing()

    def suspends(self, node: ast.expr, body: Body) -> bool | None:
        """Unknown."""
        return None

    def lock(self, node: ast.expr, body: Body) -> Lock | None:
        """Unknown."""
        return None

    def container(self, node: ast.expr, body: Body) -> str | None:
        """Unknown."""
        return None

    def changes_process(self, node: ast.expr, body: Body) -> bool | None:
        """Unknown."""
        return None

    def removal(self, node: ast.expr, body: Body) -> str | None:
        """Unknown."""
        return None

    def is_per_task(self, owner: ast.ClassDef) -> bool | None:
        """Unknown."""
        return None

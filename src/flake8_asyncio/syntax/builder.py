"""Statements as a control-flow graph; `graph` says what the result means."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flake8_asyncio.syntax.evaluation import Evaluation
from flake8_asyncio.syntax.graph import Block, Edge, Graph, Kind

Body = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module

_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort", "pytest.fail", "pytest.skip", "pytest.exit"})
_SUPPRESSING = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex"})


def never_returns(call: ast.Call) -> bool:
    """Whether the call ends the program or the test, by its name."""
    match call.func:
        case ast.Name(id=name):
            return name in _EXITS
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return f"{module}.{name}" in _EXITS
    return False


def build(body: Body, never_returns: Callable[[ast.Call], bool] = never_returns) -> Graph:
    """The control-flow graph of a function or module.

    Raises `RecursionError`, and nothing else, when the code is nested too deeply or the graph would be too large.
    """
    return _Builder(never_returns).graph(body)


@dataclass(slots=True)
class _Loop:
    head: Block
    after: Block


@dataclass(slots=True)
class _Cleanup:
    """What runs on the way out of a `with` or `try`, and the handler and position outside it."""

    run: Callable[[], None]
    handler: Block | None


class _Builder(Evaluation):
    def __init__(self, never_returns: Callable[[ast.Call], bool]) -> None:
        super().__init__()
        self.frames: list[_Loop | _Cleanup] = []
        self.never_returns = never_returns
        self.entry = self.block
        self.exit = self.new_block()
        self.raised = self.new_block()

    def graph(self, body: Body) -> Graph:
        if isinstance(body, ast.Lambda):
            self.evaluate(body.body)
        else:
            self.run(body.body)
        self.link(self.exit)
        return Graph(self.entry, self.exit, self.raised, self.blocks)

    def run(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.statement = statement
            _RUN.get(type(statement), _Builder.other)(self, statement)
            self.go_on()

    def branch(self, start: Block, test: ast.expr | ast.match_case | None, polarity: bool = True) -> None:
        """Go on in a new block, into which `start` leads."""
        self.block = self.new_block()
        start.edges.append(Edge(self.block, test, polarity))

    def stop(self) -> None:
        """Go on where no control arrives."""
        self.block = self.new_block()

    def leave(self, depth: int, target: Block) -> None:
        """Go to `target`, running what has to run on the way out of all but the first `depth` frames."""
        frames, handler, statement = self.frames, self.handler, self.statement
        for position in range(len(frames) - 1, depth - 1, -1):
            frame = frames[position]
            if isinstance(frame, _Cleanup):
                self.frames = frames[:position]
                self.handler = frame.handler
                self.block, before = self.new_block(), self.block
                before.edges.append(Edge(self.block))
                frame.run()
        self.link(target)
        self.frames, self.handler, self.statement = frames, handler, statement
        self.stop()

    def fail(self) -> None:
        """Go where an exception goes that is raised here."""
        self.link(self.handler or self.raised)
        self.stop()

    @contextmanager
    def framed(self, frame: _Loop | _Cleanup, handler: Block | None) -> Iterator[None]:
        """Build the inside of a frame, in blocks of its own if its exceptions go elsewhere."""
        outside = self.handler
        self.frames.append(frame)
        self.handler = handler
        if handler is not outside:
            self.branch(self.block, None)
        yield
        self.frames.pop()
        self.handler = outside
        if handler is not outside:
            self.branch(self.block, None)

    # Simple statements

    def other(self, statement: ast.stmt) -> None:
        """An import binds names; what else has no case of its own does nothing here."""
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            self.emit(Kind.DEFINE, statement)

    def expression(self, statement: ast.Expr) -> None:
        self.evaluate(statement.value)
        self.emit(Kind.DISCARD, statement.value)
        if isinstance(statement.value, ast.Call) and self.never_returns(statement.value):
            self.fail()

    def assign(self, statement: ast.Assign) -> None:
        self.evaluate(statement.value)
        for target in statement.targets:
            self.store(target, statement.value)

    def annotate(self, statement: ast.AnnAssign) -> None:
        if statement.value is not None:
            self.evaluate(statement.value)
            self.store(statement.target, statement.value)

    def augment(self, statement: ast.AugAssign) -> None:
        self.address(statement.target)
        self.emit(Kind.EVALUATE, statement.target)
        self.evaluate(statement.value)
        self.emit(Kind.STORE, statement.target)

    def delete(self, statement: ast.Delete) -> None:
        for target in statement.targets:
            self.address(target)
            self.emit(Kind.DELETE, target)

    def give_back(self, statement: ast.Return) -> None:
        if statement.value is not None:
            self.evaluate(statement.value)
        self.emit(Kind.RETURN, statement)
        self.leave(0, self.exit)

    def throw(self, statement: ast.Raise) -> None:
        for value in (statement.exc, statement.cause):
            if value is not None:
                self.evaluate(value)
        self.emit(Kind.RAISE, statement)
        self.fail()

    def claim(self, statement: ast.Assert) -> None:
        self.evaluate(statement.test)
        start = self.block
        if not _is_always(statement.test, True):
            self.branch(start, statement.test, False)
            if statement.msg is not None:
                self.evaluate(statement.msg)
            self.fail()
        self.branch(start, statement.test, True)

    def define(self, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in statement.decorator_list:
            self.evaluate(decorator)
        if isinstance(statement, ast.ClassDef):
            for base in (*statement.bases, *(keyword.value for keyword in statement.keywords)):
                self.evaluate(base)
        else:
            for default in (*statement.args.defaults, *statement.args.kw_defaults):
                if default is not None:
                    self.evaluate(default)
        self.emit(Kind.DEFINE, statement)

    # Branches and loops

    def choose(self, statement: ast.If) -> None:
        self.evaluate(statement.test)
        start, after = self.block, self.new_block()
        for polarity, body in ((True, statement.body), (False, statement.orelse)):
            if _is_always(statement.test, not polarity):
                self.stop()
            else:
                self.branch(start, statement.test, polarity)
            self.run(body)
            self.link(after)
        self.block = after

    def match(self, statement: ast.Match) -> None:
        self.evaluate(statement.subject)
        after = self.new_block()
        is_total = False
        for case in statement.cases:
            start = self.block
            following = self.new_block()
            is_total = case.guard is None and _is_wildcard(case.pattern)
            if not is_total:
                start.edges.append(Edge(following, case, False))
            self.branch(start, case)
            self.statement = statement
            self.emit(Kind.CASE, case)
            if case.guard is not None:
                self.evaluate(case.guard)
                self.link(following, case.guard, False)
                self.branch(self.block, case.guard)
            self.run(case.body)
            self.link(after)
            self.block = following
        if not is_total:
            self.link(after)
        self.block = after

    def repeat(self, statement: ast.While) -> None:
        head, after = self.new_block(), self.new_block()
        self.link(head)
        self.block = head
        self.evaluate(statement.test)
        start = self.block
        self.branch(start, statement.test, True)
        with self.framed(_Loop(head, after), self.handler):
            self.run(statement.body)
            self.link(head)
        if _is_always(statement.test, True):
            self.stop()
        else:
            self.branch(start, statement.test, False)
        self.run(statement.orelse)
        self.link(after)
        self.block = after

    def iterate(self, statement: ast.For | ast.AsyncFor) -> None:
        self.evaluate(statement.iter)
        head, after = self.new_block(), self.new_block()
        self.link(head)
        self.block = head
        self.suspend(Kind.NEXT, statement)
        start = self.block
        self.branch(start, None)
        self.store(statement.target, None)
        with self.framed(_Loop(head, after), self.handler):
            self.run(statement.body)
            self.link(head)
        self.branch(start, None)
        self.run(statement.orelse)
        self.link(after)
        self.block = after

    def jump(self, statement: ast.Break | ast.Continue) -> None:
        for depth in range(len(self.frames) - 1, -1, -1):
            loop = self.frames[depth]
            if isinstance(loop, _Loop):
                self.leave(depth + 1, loop.after if isinstance(statement, ast.Break) else loop.head)
                return

    # Frames

    def manage(self, statement: ast.With | ast.AsyncWith, position: int = 0) -> None:
        """The items from `position` on, each within the one before, and the body."""
        if position == len(statement.items):
            self.run(statement.body)
            return
        item = statement.items[position]
        self.evaluate(item.context_expr)
        self.suspend(Kind.ENTER, item.context_expr)
        suppresses = _suppresses(item.context_expr)

        def leave() -> None:
            self.statement = statement
            self.suspend(Kind.EXIT, item.context_expr)

        outside = self.handler
        caught = self.new_block() if suppresses or outside is not None else None
        with self.framed(_Cleanup(leave, outside), caught):
            self.statement = statement
            if item.optional_vars is not None:
                self.store(item.optional_vars, item.context_expr)
            self.manage(statement, position + 1)
        leave()
        if caught is None:
            return
        after = self.new_block()
        self.link(after)
        self.block = caught
        leave()
        if outside is not None:
            self.link(outside)
        if suppresses:
            self.link(after)
        self.block = after

    def attempt(self, statement: ast.Try | ast.TryStar) -> None:
        if not statement.finalbody:
            self.guarded(statement)
            return
        outside = self.handler
        caught = self.new_block()

        def clean() -> None:
            self.run(statement.finalbody)

        with self.framed(_Cleanup(clean, outside), caught):
            self.guarded(statement)
        clean()
        after = self.new_block()
        self.link(after)
        self.block = caught
        clean()
        self.link(outside or self.raised)
        self.block = after

    def guarded(self, statement: ast.Try | ast.TryStar) -> None:
        """The `try` without its `finally`."""
        if not statement.handlers:
            self.run([*statement.body, *statement.orelse])
            return
        outside = self.handler
        dispatch, after = self.new_block(), self.new_block()
        with self.framed(_Cleanup(lambda: None, outside), dispatch):
            self.run(statement.body)
        self.run(statement.orelse)
        self.link(after)
        for handler in statement.handlers:
            self.branch(dispatch, None)
            self.statement = statement
            if handler.type is not None:
                self.evaluate(handler.type)
            self.emit(Kind.HANDLE, handler)
            self.run(handler.body)
            self.link(after)
        if not any(_catches_all(handler.type) for handler in statement.handlers):
            dispatch.edges.append(Edge(outside or self.raised))
        self.block = after


_RUN: dict[type[ast.stmt], Callable[[_Builder, Any], None]] = {
    ast.Expr: _Builder.expression,
    ast.Assign: _Builder.assign,
    ast.AnnAssign: _Builder.annotate,
    ast.AugAssign: _Builder.augment,
    ast.Delete: _Builder.delete,
    ast.Return: _Builder.give_back,
    ast.Raise: _Builder.throw,
    ast.Assert: _Builder.claim,
    ast.FunctionDef: _Builder.define,
    ast.AsyncFunctionDef: _Builder.define,
    ast.ClassDef: _Builder.define,
    ast.If: _Builder.choose,
    ast.Match: _Builder.match,
    ast.While: _Builder.repeat,
    ast.For: _Builder.iterate,
    ast.AsyncFor: _Builder.iterate,
    ast.Break: _Builder.jump,
    ast.Continue: _Builder.jump,
    ast.With: _Builder.manage,
    ast.AsyncWith: _Builder.manage,
    ast.Try: _Builder.attempt,
    ast.TryStar: _Builder.attempt,
}


def _is_always(test: ast.expr, polarity: bool) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value) is polarity


def _is_wildcard(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchOr(patterns=patterns):
            return any(_is_wildcard(each) for each in patterns)
    return False


def _suppresses(manager: ast.expr) -> bool:
    match manager:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _SUPPRESSING
    return False


def _catches_all(type_: ast.expr | None) -> bool:
    match type_:
        case None | ast.Name(id="BaseException"):
            return True
        case ast.Tuple(elts=types):
            return any(_catches_all(each) for each in types)
    return False

"""Expressions as events, in Python's order of evaluation.

Operands go left to right, `and`, `or` and `if` short-circuit, a comprehension is a loop, `:=` stores where it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from flake8_asyncio.syntax.graph import Block, Edge, Event, Kind

_LARGEST = 40_000  # blocks; `finally` within `finally` is written out again and again


class TooLarge(RecursionError):
    """A body whose graph would be too large; callers treat it as one that is nested too deeply."""


class Evaluation:
    """The graph as far as it is built: events go to the end of `block`."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.handler: Block | None = None  # where an exception goes, if something in this body catches it
        self.statement: ast.stmt = ast.Pass()
        self.block = self.new_block()

    def new_block(self) -> Block:
        """A block without predecessors, from which an exception goes to the current handler."""
        if len(self.blocks) > _LARGEST:
            raise TooLarge
        block = Block(len(self.blocks))
        self.blocks.append(block)
        if self.handler is not None:
            block.edges.append(Edge(self.handler, None, True, True))
        return block

    def link(self, target: Block, test: ast.expr | ast.match_case | None = None, polarity: bool = True) -> None:
        """Let control go from the current block to `target`."""
        self.block.edges.append(Edge(target, test, polarity))

    def go_on(self) -> None:
        """End the current block, so that handlers see what holds here."""
        if self.handler is not None and self.block.events:
            block = self.new_block()
            self.link(block)
            self.block = block

    def emit(self, kind: Kind, node: ast.AST, value: ast.expr | None = None) -> None:
        """Record that something happens now."""
        self.block.events.append(Event(kind, node, self.statement, value))

    def evaluate(self, node: ast.expr) -> None:
        """Record what evaluating `node` does, then that it has its value."""
        kind = type(node)
        if kind is ast.Constant:
            return
        if kind is not ast.Name:
            _EVALUATE.get(kind, _operands)(self, node)
            if kind in _SILENT:
                return
        self.block.events.append(Event(Kind.EVALUATE, node, self.statement))

    def store(self, target: ast.expr, value: ast.expr | None) -> None:
        """Bind `target`; what it is made of is evaluated first, as Python does after the value."""
        match target:
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                values: list[ast.expr | None] = [None] * len(targets)
                if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(targets):
                    if not any(isinstance(each, ast.Starred) for each in (*targets, *value.elts)):
                        values = [*value.elts]
                for each, part in zip(targets, values, strict=True):
                    self.store(each, part)
                return
            case ast.Starred(value=inner):
                self.store(inner, None)
                return
        self.address(target)
        self.emit(Kind.STORE, target, value)

    def address(self, target: ast.expr) -> None:
        """Evaluate the object and the index of a target."""
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            self.evaluate(target.value)
            if isinstance(target, ast.Subscript):
                self.evaluate(target.slice)

    def suspend(self, kind: Kind, node: ast.AST) -> None:
        """Record a suspension; a handler may begin right after it."""
        self.emit(kind, node)
        self.go_on()


def _operands(body: Evaluation, node: Any) -> None:
    for name in node._fields:
        value = getattr(node, name)
        if isinstance(value, ast.expr):
            body.evaluate(value)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, ast.expr):
                    body.evaluate(each)


def _attribute(body: Evaluation, node: ast.Attribute) -> None:
    body.evaluate(node.value)


def _subscript(body: Evaluation, node: ast.Subscript) -> None:
    body.evaluate(node.value)
    body.evaluate(node.slice)


def _call(body: Evaluation, node: ast.Call) -> None:
    body.evaluate(node.func)
    for argument in node.args:
        body.evaluate(argument)
    for keyword in node.keywords:
        body.evaluate(keyword.value)


def _dict(body: Evaluation, node: ast.Dict) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            body.evaluate(key)
        body.evaluate(value)


def _await(body: Evaluation, node: ast.Await) -> None:
    body.evaluate(node.value)
    body.suspend(Kind.AWAIT, node)


def _yield(body: Evaluation, node: ast.Yield | ast.YieldFrom) -> None:
    if node.value is not None:
        body.evaluate(node.value)
    body.suspend(Kind.YIELD, node)


def _lambda(body: Evaluation, node: ast.Lambda) -> None:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            body.evaluate(default)
    body.emit(Kind.DEFINE, node)


def _walrus(body: Evaluation, node: ast.NamedExpr) -> None:
    body.evaluate(node.value)
    body.emit(Kind.STORE, node.target, node.value)


def _short_circuit(body: Evaluation, node: ast.BoolOp) -> None:
    after = body.new_block()
    goes_on = isinstance(node.op, ast.And)
    for value in node.values[:-1]:
        body.evaluate(value)
        if isinstance(value, ast.Constant):
            body.emit(Kind.EVALUATE, value)  # so that every path has an event of this statement
        following = body.new_block()
        body.link(following, value, goes_on)
        body.link(after, value, not goes_on)
        body.block = following
    body.evaluate(node.values[-1])
    body.link(after)
    body.block = after


def _conditional(body: Evaluation, node: ast.IfExp) -> None:
    body.evaluate(node.test)
    start, after = body.block, body.new_block()
    for polarity, branch in ((True, node.body), (False, node.orelse)):
        body.block = body.new_block()
        start.edges.append(Edge(body.block, node.test, polarity))
        body.evaluate(branch)
        body.link(after)
    body.block = after


def _comprehension(body: Evaluation, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
    is_lazy = isinstance(node, ast.GeneratorExp)
    after = body.new_block()
    outer = after
    for generator in node.generators:
        body.evaluate(generator.iter)
        head, inner = body.new_block(), body.new_block()
        body.link(head)
        body.block = head
        if not (is_lazy and generator.is_async):
            body.suspend(Kind.NEXT, generator)
        body.link(outer)
        body.link(inner)
        body.block, outer = inner, head
        body.store(generator.target, None)
        for test in generator.ifs:
            body.evaluate(test)
            following = body.new_block()
            body.link(following, test, True)
            body.link(head, test, False)
            body.block = following
    results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for result in results:
        body.evaluate(result)
    body.link(outer)
    body.block = after


def _generator(body: Evaluation, node: ast.GeneratorExp) -> None:
    """A generator expression runs later, in somebody else's hands: only its reads and calls are recorded."""
    first = len(body.blocks)
    start = body.block
    known = len(start.events)
    _comprehension(body, node)
    for block in (start, *body.blocks[first:]):
        block.events[:] = [
            event
            for position, event in enumerate(block.events)
            if event.kind is not Kind.AWAIT or (block is start and position < known)
        ]


_EVALUATE: dict[type[ast.expr], Callable[[Evaluation, Any], None]] = {
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Dict: _dict,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.BoolOp: _short_circuit,
    ast.IfExp: _conditional,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _generator,
}
_SILENT = (ast.Lambda,)  # said by another event

"""Which coroutines are started as tasks, and whether a handler is the last thing that they do.

A cancellation has reached its end where a task ends: nobody further out waits for it to come through.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flake8_asyncio.lifetime.names import last_name
from flake8_asyncio.syntax.nodes import own
from flake8_asyncio.lifetime.waiting import closes
from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.graph import Block, Event, Kind
from flake8_asyncio.syntax.nodes import own, walk

_STARTERS = ("task", "spawn", "soon", "future", "schedule", "background")
_RUNNERS = frozenset({"run", "run_until_complete", "run_coroutine_threadsafe", "gather"})


@dataclass(frozen=True, slots=True)
class Starts:
    """The names of what a file starts as tasks, and of what it awaits itself or hands on otherwise."""

    started: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)

    def only_starts(self, function: ast.AsyncFunctionDef) -> bool:
        """Whether the file starts the coroutine as a task, and never awaits it in another one."""
        return function.name in self.started and function.name not in self.awaited


def starts(tree: ast.Module) -> Starts:
    """What a file does with the coroutines that it makes, by the last names of their functions."""
    found = Starts()
    kept = {
        node.targets[0].id: last_name(node.value.func)
        for node in walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
    }
    for node in walk(tree):
        match node:
            case ast.Await(value=ast.Call(func=callee)):
                found.awaited.add(last_name(callee))
            case ast.Await(value=ast.Name(id=name)) if name in kept:
                found.awaited.add(kept[name])
            case ast.Call(func=callee, args=args, keywords=keywords):
                names = found.started if _starts(last_name(callee)) else found.awaited
                for each in [*args, *(keyword.value for keyword in keywords)]:
                    match each:
                        case ast.Call(func=made):
                            names.add(last_name(made))
                        case ast.Name(id=name) if name in kept and names is found.started:
                            names.add(kept[name])
                        case ast.Name() | ast.Attribute() if names is found.started:
                            names.add(last_name(each))
    return found


def _starts(name: str) -> bool:
    lower = name.lower()
    return name in _RUNNERS or name.endswith("Response") or any(each in lower for each in _STARTERS)


def ends_after(handler: ast.ExceptHandler | ast.With, function: ast.AsyncFunctionDef) -> bool:
    """Whether nothing but clean-up is awaited between a handler, or the end of a block, and the function's end."""
    try:
        graph = build(function)
    except RecursionError:
        return False
    cleanup = {node for each in walk(function) if isinstance(each, ast.Try) for node in own(each.finalbody)}
    if isinstance(handler, ast.ExceptHandler):
        cleanup.update(own(handler.body))
    seen: set[int] = set()
    pending: list[Block] = []
    for block in graph.blocks:
        for position, event in enumerate(block.events):
            if event.node is handler if isinstance(handler, ast.ExceptHandler) else _leaves(event, handler):
                if any(_goes_on(each, cleanup) for each in block.events[position + 1 :]):
                    return False
                pending.append(block)
    if not pending:
        return False
    while pending:
        for edge in pending.pop().edges:
            if not edge.is_exceptional and edge.target.index not in seen:
                if any(_goes_on(each, cleanup) for each in edge.target.events):
                    return False
                seen.add(edge.target.index)
                pending.append(edge.target)
    return True


def _leaves(event: Event, block: ast.With) -> bool:
    return event.kind is Kind.EXIT and event.statement is block


def _goes_on(event: Event, cleanup: set[ast.AST]) -> bool:
    """Whether an event waits for something new."""
    if event.kind is Kind.YIELD:
        return True
    if not event.is_async or event.kind is Kind.EXIT or event.node in cleanup or event.statement in cleanup:
        return False
    value = event.node.value if isinstance(event.node, ast.Await) else None
    return not (isinstance(value, ast.Call) and closes(last_name(value.func).lower()))

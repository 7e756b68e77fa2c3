"""Coroutines that wait in a way that nobody can interrupt, or that costs what an event would not."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from flake8_asyncio.lifetime.names import Names, last_name, suspends
from flake8_asyncio.syntax.nodes import own, own_body, own_statements, walk

_STATES = frozenset({"is_set", "done", "empty", "full", "locked", "qsize"})
_STARTS = frozenset({"asyncio.create_task", "asyncio.ensure_future"})

_CHANGES = frozenset(
    "append appendleft add extend insert update setdefault pop popleft popitem remove discard clear".split()
)

Found = tuple[str, ast.stmt | ast.expr, str]
Stores = dict[str, set[ast.AST | str]]

_STARTING_THREADS = frozenset({"threading.Thread", "threading.Timer", "concurrent.futures.ThreadPoolExecutor"})
_THREADS = ("threading.", "multiprocessing.", "concurrent.", "subprocess.", "queue.")


def polls(function: ast.AsyncFunctionDef, names: Names, stored: Callable[[], Stores]) -> Iterator[Found]:
    """The loops that do nothing but sleep until something else has happened."""
    for node in own_statements(function).of(ast.While):
        body = [each for each in node.body if not isinstance(each, ast.Pass)]
        test = _test(node, body)
        if test is not None and not node.orelse and any(_is_sleep(each, names) for each in body):
            what = _watched(test, function, stored())
            if what:
                yield "polling", node, what


def _test(loop: ast.While, body: list[ast.stmt]) -> ast.expr | None:
    """The condition of a loop that has one statement, or of the `if` by which it is left."""
    match loop.test, body:
        case ast.Constant(value=True | 1), [ast.If() as way, _] | [_, ast.If() as way]:
            if not way.orelse and len(way.body) == 1 and isinstance(way.body[0], ast.Break | ast.Return):
                return way.test
        case _, [_]:
            return loop.test
    return None


def _is_sleep(statement: ast.stmt, names: Names) -> bool:
    match statement:
        case ast.Expr(value=ast.Await(value=call)):
            return names.called(call) == "asyncio.sleep"
    return False


def _watched(test: ast.expr, function: ast.AsyncFunctionDef, stored: Stores) -> str:
    """What a loop's condition looks at, if other code of the file or a library changes it."""
    if any(isinstance(each, ast.Await | ast.NamedExpr) for each in walk(test)):
        return ""
    asked = ""
    for node in walk(test):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _STATES or (
                f"method {attr}" in stored and "threads" not in stored
            ):
                if last_name(owner) in stored.get("thread", ()):
                    return ""
                asked = asked or ast.unparse(node)
            case ast.Call(func=func) if last_name(func) not in ("len", "any", "all", "bool", "getattr"):
                return ""  # nobody tells when that changes
    if asked:
        return asked
    owners = {each.value for each in walk(test) if isinstance(each, ast.Attribute)}
    for node in walk(test):
        if node in owners:
            continue  # what `self.device.state` is depends on the device
        match node:
            case ast.Attribute(attr=attr) if _is_set_by_others(attr, function, stored):
                return ast.unparse(node)
            case ast.Name(id=name) if _is_set_by_others(f"global {name}", function, stored):
                return "" if _binds(function, name) else name
    return ""


def _is_set_by_others(key: str, function: ast.AsyncFunctionDef, stored: Stores) -> bool:
    """Whether other functions set it; where the file starts threads, they may run in another one."""
    return "threads" not in stored and bool(stored.get(key, set()) - {function})


def _binds(function: ast.AsyncFunctionDef, name: str) -> bool:
    """Whether a name is the function's own."""
    body = own_body(function)
    if any(isinstance(each, ast.Global | ast.Nonlocal) and name in each.names for each in body):
        return False
    if any(isinstance(each, ast.arg) and each.arg == name for each in walk(function.args)):
        return True
    return any(isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store) for each in body)


def stores(tree: ast.Module, names: Names) -> Stores:
    """Which functions assign to an attribute or a name that they declare global or nonlocal, or change what it holds.

    Under `thread` are the names of what belongs to threads and processes, which no coroutine can wait for; `threads` is
    there if the file starts threads itself, and `method x` if it defines such a method.
    """
    found: Stores = {"thread": set()}
    for node in walk(tree):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
                if names.called(value).startswith(_THREADS):
                    found["thread"].add(last_name(target))
            case ast.Call() if names.called(node) in _STARTING_THREADS:
                found["threads"] = set()
            case ast.FunctionDef(name="is_running" | "is_connected" | "is_closed" as name):
                found[f"method {name}"] = set()
            case ast.arg(arg=name, annotation=annotation) if names.path(annotation).startswith(_THREADS):
                found["thread"].add(name)
    top = {each.id for node in tree.body for each in own([node]) if isinstance(each, ast.Name)}
    for function in walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.name == "__init__":
            continue
        declared: set[str] = set()
        for node in own_body(function):
            changed = _changed(node)
            if isinstance(changed, ast.Attribute):
                found.setdefault(changed.attr, set()).add(function)
            elif isinstance(changed, ast.Name) and changed.id in top:
                found.setdefault(f"global {changed.id}", set()).add(function)
            if isinstance(node, ast.Global | ast.Nonlocal):
                declared.update(node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.setdefault(node.attr, set()).add(function)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
                found.setdefault(f"global {node.id}", set()).add(function)
    return found


def _changed(node: ast.AST) -> ast.expr | None:
    """The collection that an expression adds to or removes from."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _CHANGES:
            return owner
        case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
            return owner
    return None


def late_awaits(function: ast.AsyncFunctionDef, names: Names) -> Iterator[Found]:
    """The sleeps in clean-up: who cancelled waits for nothing but time."""
    for node in own_statements(function).of(ast.Try):
        if not suspends(node.body):
            continue
        for handler in node.handlers:
            if names.path(handler.type) in ("asyncio.CancelledError", "asyncio.exceptions.CancelledError"):
                yield from _sleeps(handler.body, names, "the handler of a cancellation")
        if not function.decorator_list:  # a context manager may give others time
            yield from _sleeps(node.finalbody, names, "`finally`")


def _sleeps(body: list[ast.stmt], names: Names, where: str) -> Iterator[Found]:
    guarded: set[ast.AST] = set()
    for node in own(body):
        if isinstance(node, ast.AsyncWith | ast.With) and any(
            "timeout" in last_name(getattr(each.context_expr, "func", None)) for each in node.items
        ):
            guarded.update(own(node.body))
        if isinstance(node, ast.If) and any(
            isinstance(each, ast.Call) and last_name(each.func) in ("cancelled", "done") for each in ast.walk(node.test)
        ):
            guarded.update(own(node.body))  # it was another task's cancellation
        match node:
            case ast.Await(value=ast.Call(args=[ast.Constant(value=0)])):
                continue  # others may run, and nobody waits
            case ast.Await(value=call) if node not in guarded and names.called(call) == "asyncio.sleep":
                yield "late", node, where


def unfinished(function: ast.AsyncFunctionDef, names: Names) -> Iterator[Found]:
    """The local tasks that are cancelled as the last thing that is ever done with them."""
    started: set[str] = set()
    cancelled: dict[str, ast.Call] = {}
    statements = own_statements(function)
    for expression in statements.of(ast.Expr):
        match expression.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="cancel")) as call:
                cancelled[name] = call
    if not cancelled:
        return
    for node in statements.of(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if names.called(value) in _STARTS:
                started.add(name)
    uses = Counter(
        each.id for each in own_body(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    )
    nested = {
        each.id
        for node in own_body(function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for each in walk(node)
        if isinstance(each, ast.Name)
    }
    for name, call in cancelled.items():
        if name in started and uses[name] == 1 and name not in nested:
            yield "unfinished", call, name

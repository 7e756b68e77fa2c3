"""Fixes of statements: their lines are written anew, with the indentation that is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.fix.edits import Edit, NotFixed
from flake8_asyncio.fix.names import Needed, bound, fresh_name
from flake8_asyncio.fix.places import Block, Place
from flake8_asyncio.syntax.source import Source, Span

_TASKS = "background_tasks"


def keep_task(place: Place) -> tuple[list[Edit], Needed | None]:
    """Keep a task in a set until it is done."""
    place.check_alone()
    statement = place.statement
    edits = []
    match statement:
        case ast.Expr(value=value) if place.source.span(value) == place.span:
            name = fresh_name("task", place)
            edits.append(_before(place.source, statement, f"{name} = "))
        case ast.Assign(targets=[ast.Name(id="_") as target], value=value) if place.source.span(value) == place.span:
            name = fresh_name("task", place)
            edits.append(Edit(place.source.span(target), name))
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if place.source.span(value) == place.span:
            pass
        case _:
            raise NotFixed("its statement does more than to start the task")
    if any(_TASKS in bound(scope) for scope in place.scopes if not isinstance(scope, ast.Module)):
        raise NotFixed(f"`{_TASKS}` is another name there")
    needed = None if _has_set(place.source.tree) else Needed(statement=f"{_TASKS}: set[object] = set()")
    if needed and _TASKS in bound(place.source.tree):
        raise NotFixed(f"`{_TASKS}` is another name there")
    lines = [f"{_TASKS}.add({name})", f"{name}.add_done_callback({_TASKS}.discard)"]
    return [*edits, _lines_after(place, lines)], needed


def await_first(place: Place) -> list[Edit]:
    """Await in a statement of its own, and use what it gave."""
    place.check_alone()
    place.check_unconditional()
    found = [each for each in place.chain if isinstance(each, ast.Await) and place.source.span(each) == place.span]
    if not found or not isinstance(place.statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return):
        raise NotFixed("no `await` of a simple statement stands there")
    name = fresh_name("awaited", place)
    text = place.source.at(place.span)
    try:
        ast.parse(text)
    except SyntaxError:
        text = f"({text})"
    first = _before(place.source, place.statement, f"{name} = {text}\n{place.indentation}")
    return [first, Edit(place.span, name)]


def delete_if_present(place: Place) -> Edit | None:
    """`pop` with a default for a `del`; None for what is no `del`."""
    statement = place.statement
    if not isinstance(statement, ast.Delete):
        return None
    match statement.targets:
        case [ast.Subscript(value=value, slice=key)] if not isinstance(key, ast.Slice | ast.Tuple):
            source = place.source
            text = f"{source.at(source.span(value))}.pop({source.at(source.span(key))}, None)"
            return Edit(source.span(statement), text)
    raise NotFixed("it deletes something else than one item")


def hold_lock(source: Source, acquire: Span, release: Span) -> list[Edit]:
    """`async with` from where a lock is acquired to where it is released."""
    start, end = Place(source, acquire), Place(source, release)
    start.check_alone()
    end.check_alone()
    block = start.block
    first, last = start.statement, end.statement
    if last not in block or block.index(last) - block.index(first) < 2:
        raise NotFixed("the lock is not released among the statements that follow")
    match first:
        case ast.Expr(value=ast.Await(value=ast.Call(func=ast.Attribute(value=lock, attr="acquire"), args=[]))):
            name = source.at(source.span(lock))
        case _:
            raise NotFixed("the lock is acquired in another way")
    body = block[block.index(first) + 1 : block.index(last)]
    match last:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=released, attr="release"), args=[])):
            is_same = source.at(source.span(released)) == name
        case _:
            is_same = False
    if not is_same or any(ast.unparse(lock) == text for text in _released(body)):
        raise NotFixed("the lock is released in another way")
    indent = _unit(source)
    kept = set(_inside_strings(body))
    begin, finish = source.span(first), source.span(last)
    edits = [Edit(begin, f"async with {name}:")]
    for line in range(begin.end_line + 1, finish.line):
        if line not in kept and source.lines[line - 1].strip():
            edits.append(Edit(Span(line, 0, line, 0), indent))
    previous = len(source.lines[finish.line - 2])
    edits.append(Edit(Span(finish.line - 1, previous, finish.end_line, len(source.lines[finish.end_line - 1])), ""))
    if "#" in source.lines[finish.end_line - 1][finish.end_column :]:
        raise NotFixed("a comment would be lost")
    return edits


def _released(body: Block) -> Iterator[str]:
    """What these statements release or acquire."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute) and node.attr in ("release", "acquire"):
                yield ast.unparse(node.value)


def make_async(source: Source, span: Span) -> Edit:
    """`async` before `for`, `with` or `def`."""
    word = source.lines[span.line - 1][span.column :]
    if not word.startswith(("for", "with", "def")):
        raise NotFixed("no `for`, `with` or `def` stands there")
    return Edit(Span(span.line, span.column, span.line, span.column), "async ")


def _before(source: Source, statement: ast.stmt, text: str) -> Edit:
    span = source.span(statement)
    return Edit(Span(span.line, span.column, span.line, span.column), text)


def _lines_after(place: Place, lines: list[str]) -> Edit:
    end = place.source.span(place.statement).end_line
    width = len(place.source.lines[end - 1])
    return Edit(Span(end, width, end, width), "".join(f"\n{place.indentation}{line}" for line in lines))


def _has_set(tree: ast.Module) -> bool:
    """Whether the module has our set already."""
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="set"), args=[])):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="set"), args=[])):
                pass
            case _:
                continue
        if name == _TASKS:
            return True
    return False


def _unit(source: Source) -> str:
    """One step of the file's indentation."""
    for node in ast.walk(source.tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and body and body[0].lineno > node.lineno:
            inner, outer = (source.lines[each.lineno - 1] for each in (body[0], node))
            width = body[0].col_offset - node.col_offset
            if width > 0 and not inner[: body[0].col_offset].strip() and inner.startswith(outer[: node.col_offset]):
                return inner[node.col_offset : body[0].col_offset]
    return "    "


def _inside_strings(body: Block) -> Iterator[int]:
    """The lines that begin inside a string."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant | ast.JoinedStr) and isinstance(getattr(node, "value", ""), str | bytes):
                yield from range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)

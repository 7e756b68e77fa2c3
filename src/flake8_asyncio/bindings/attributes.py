"""What becomes of the attributes that a body reads, at the place itself or under a local name."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.facts.model import UNKNOWN, Ref, Use, ValueUse
from flake8_asyncio.syntax.nodes import own_body

_Parents = dict[ast.AST, ast.AST]
_PARENTS: dict[type[ast.AST], Use] = {
    ast.Await: Use.AWAITED, ast.Expr: Use.DISCARDED, ast.Compare: Use.COMPARED, ast.BinOp: Use.COMPUTED,
    ast.FormattedValue: Use.COMPUTED, ast.Return: Use.RETURNED, ast.Starred: Use.UNPACKED, ast.Yield: Use.YIELDED,
    ast.Attribute: Use.ATTRIBUTE, ast.List: Use.COLLECTED, ast.Tuple: Use.COLLECTED, ast.Set: Use.COLLECTED,
    ast.Dict: Use.COLLECTED, ast.Raise: Use.RAISED, ast.AugAssign: Use.COMPUTED,
}  # fmt: skip
_WRONG = frozenset(_PARENTS.values()) - {Use.AWAITED, Use.RETURNED, Use.COLLECTED, Use.YIELDED} | {Use.TESTED, Use.ITEM}


def uses_of(body: Body, wanted: Mapping[str, Ref]) -> Iterator[ValueUse]:
    """How the attributes are used whose texts are given, with what they refer to.

    Under a name they count where nothing of what becomes of the name can see to what it holds.
    """
    parents = {child: node for node in (body.node, *own_body(body.node)) for child in ast.iter_child_nodes(node)}
    found = {
        node: text
        for node in own_body(body.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and (text := body.source.at(body.source.span(node))) in wanted
    }
    for node, text in found.items():
        yield _use(node, text, wanted[text], parents, body)
    reading = body.reading
    if reading is None or body.is_open:
        return
    named: dict[str, list[tuple[ast.Name, str]]] = {}
    for name in reading.reads if found else ():
        texts = [found.get(each) if isinstance(each, ast.Attribute) else None for each in reading.sources(name)]
        named.setdefault(name.id, []).append((name, (texts[0] or "") if len(set(texts)) == 1 else ""))
    for name_id, reads in named.items():
        uses = [_use(name, name_id, wanted[text], parents, body) for name, text in reads if text]
        if uses and len(uses) == len(reads) and name_id not in body.shared:
            if all(each.use in _WRONG or (each.use is Use.PASSED and each.passed_to) for each in uses):
                yield from uses


def _use(node: ast.expr, text: str, ref: Ref, parents: _Parents, body: Body) -> ValueUse:
    use, into = _become(node, parents)
    name, passed_to = (into, "") if use is Use.ATTRIBUTE else ("", into)
    return ValueUse(ref, use, body.source.span(node), text, passed_to, name)


def _become(node: ast.expr, parents: _Parents) -> tuple[Use, str]:
    """What becomes of an expression, with the attribute that is taken of it or the built-in function that takes it."""
    parent = parents.get(node)
    match parent:
        case ast.BoolOp(values=values) if node is not values[-1]:
            return Use.TESTED, ""
        case ast.BoolOp() | ast.NamedExpr():
            return _become(parent, parents)
        case ast.IfExp(test=test):
            return (Use.TESTED, "") if node is test else _become(parent, parents)
        case ast.If() | ast.While() | ast.Assert() | ast.UnaryOp(op=ast.Not()):
            return Use.TESTED, ""
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return Use.OTHER, ""
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated, is_async=0) if node is iterated:
            return Use.ITERATED, ""
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return Use.UNPACKED, ""
        case ast.Subscript(value=value) if node is value:
            return Use.ITEM, ""
        case ast.Attribute(attr=name):
            return Use.ATTRIBUTE, name
        case ast.Call(func=ast.Name(id=name), args=args) if node in args:
            return Use.PASSED, f"builtins.{name}" if hasattr(builtins, name) else UNKNOWN
        case ast.Call():
            return (Use.CALLED, "") if node is parent.func else (Use.PASSED, UNKNOWN)
    return (Use.OTHER if parent is None else _PARENTS.get(type(parent), Use.OTHER)), ""

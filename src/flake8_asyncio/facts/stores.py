"""Where values are put: by assignments, and into containers of which an annotation says what they hold."""

from __future__ import annotations

import ast

from flake8_asyncio.facts.filling import TAKES
from flake8_asyncio.facts.model import UNKNOWN, Kind, Ref, Stored, Use
from flake8_asyncio.facts.references import step, written
from flake8_asyncio.facts.scopes import Scope
from flake8_asyncio.syntax.source import Source

_ITEMS = frozenset({"append", "appendleft", "add", "insert"})
_GIVEN = ast.Call | ast.Name | ast.Attribute


def target_use(target: ast.expr, scope: Scope) -> tuple[Use, str]:
    """What assigning to `target` does with a value, and the local name that gets it."""
    match target:
        case ast.Name(id=name):
            if name in scope.globals or name in scope.nonlocals or scope.kind in (Kind.MODULE, Kind.CLASS_BODY):
                return Use.KEPT, name
            return Use.ASSIGNED, name
        case ast.Tuple() | ast.List():
            return Use.UNPACKED, ""
        case ast.Attribute(value=ast.Name(id=owner), attr=attr):
            return Use.KEPT, f"{owner}.{attr}"
    return Use.KEPT, ""


def handed(node: ast.Call, scope: Scope, source: Source) -> None:
    """Note what a container gets by one of its methods."""
    match node.func:
        case ast.Attribute(value=ast.Name() | ast.Attribute() as container, attr=method) if method in _ITEMS:
            if len(node.args) > TAKES[method]:
                _note(container, node.args[TAKES[method]], "*", scope, source)


def stored(target: ast.expr, value: ast.expr, scope: Scope, source: Source) -> None:
    """Note what is stored under a key or index."""
    if isinstance(target, ast.Subscript):
        _note(target.value, value, "[]", scope, source)


def patched(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    """Note that from here on an object has a function of its own before the method of its class."""
    match target:
        case ast.Attribute(value=ast.Name() | ast.Attribute() as owner) if _is_function(value, target.attr, scope):
            scope.doubt(written(target))
            match owner:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if scope.owner is not None:
                    if attribute in scope.owner.attributes and scope.is_own(name):
                        scope.owner.assign(attribute, UNKNOWN)


def _is_function(value: ast.expr, attribute: str, scope: Scope) -> bool:
    """Whether a value is a lambda, a function defined in this scope, or made of the attribute that it replaces."""
    match value:
        case ast.Lambda():
            return True
        case ast.Name(id=name):
            return scope.values.get(name) == f"{scope.path}.{name}"
        case ast.Call(args=args):
            return any(isinstance(each, ast.Attribute) and each.attr == attribute for each in args)
    return False


def _note(container: ast.expr, given: ast.expr, way: str, scope: Scope, source: Source) -> None:
    if not scope.is_muted and isinstance(given, _GIVEN) and (declared := _declared(container, scope)):
        scope.record.stores.append(Stored(source.span(given), step(declared, way)))


def _declared(container: ast.expr, scope: Scope) -> Ref:
    """What an annotation in sight says of a name or an attribute; empty where there is none."""
    match container:
        case ast.Name(id=name):
            held = scope.values.get(name, "")
            return held if held in scope.declared else ""
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if scope.owner is not None:
            return scope.owner.declared.get(attribute, "") if scope.is_own(name) else ""
    return ""

"""What statements and patterns look like, whatever the names in them mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def last_name(node: ast.expr | None) -> str:
    """The last part of a name or dotted name; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


_AWAITABLE_TESTS = frozenset({"isawaitable", "iscoroutine", "isfuture", "is_awaitable"})


def doubted(test: ast.expr) -> str:
    """The name that a test asks whether it is awaitable; empty for other tests."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return doubted(operand)
        case ast.Call(func=ast.Name() | ast.Attribute() as callee, args=[ast.Name(id=name), *_]):
            return name if last_name(callee) in _AWAITABLE_TESTS else ""
    return ""


def never_returns(node: ast.expr) -> bool:
    """Whether an expression is a call that ends the program."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
            return (owner, name) in {("sys", "exit"), ("os", "_exit"), ("os", "abort")}
        case ast.Call(func=ast.Name(id="exit" | "quit")):
            return True
    return False


def is_computed(node: ast.expr | None) -> bool:
    """Whether an expression is arithmetic, a comparison or text, which give nothing that could be called."""
    if isinstance(node, ast.BinOp):
        return not isinstance(node.op, ast.BitOr | ast.RShift | ast.LShift | ast.MatMult)
    return isinstance(node, ast.Compare | ast.JoinedStr | ast.UnaryOp)


OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__", ast.Mod: "__mod__",
    ast.BitOr: "__or__", ast.BitAnd: "__and__", ast.LShift: "__lshift__", ast.RShift: "__rshift__",
    ast.MatMult: "__matmul__", ast.FloorDiv: "__floordiv__", ast.Pow: "__pow__", ast.BitXor: "__xor__",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__", ast.GtE: "__ge__",
}  # fmt: skip
SIGNS: dict[type[ast.unaryop], str] = {
    ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__", ast.Not: "__bool__",
}  # fmt: skip
CONVERSIONS = {
    f"builtins.{name}": f"__{name}__"
    for name in "abs bool bytes complex dir float format hash int len repr reversed round str".split()
}
IMPLICIT = frozenset(
    {
        "__getitem__", "__setitem__", "__delitem__", "__contains__",
        *OPERATORS.values(), *COMPARISONS.values(), *SIGNS.values(), *CONVERSIONS.values(),
        *(f"__i{name[2:]}" for name in OPERATORS.values()),
    }
)  # fmt: skip  # methods that syntax calls


def captures(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern binds."""
    for node in ast.walk(pattern):
        match node:
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name
            case ast.MatchMapping(rest=str() as name):
                yield name


def is_capture(pattern: ast.pattern) -> bool:
    """Whether a pattern takes whatever comes."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def has_break(body: list[ast.stmt]) -> bool:
    """Whether a `break` in these statements leaves the loop that they are the body of."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending.extend(node.orelse)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            pending.extend(each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr))
    return False

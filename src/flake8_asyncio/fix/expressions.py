"""Fixes of an expression: the expression and what is around it go through libcst, and nothing else does.

libcst keeps every comment, space and parenthesis, and takes a few milliseconds for an expression where a file would
take seconds. What it gives back is compared with what it was given, and only the difference becomes an edit.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from flake8_asyncio.fix.edits import Edit, NotFixed
from flake8_asyncio.fix.places import Place
from flake8_asyncio.syntax.source import Source, Span

Change = Callable[[cst.BaseExpression], cst.BaseExpression]
Position = tuple[int, int]
_PRIMARY = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.BaseString, cst.List, cst.Set, cst.Dict,
    cst.ListComp, cst.SetComp, cst.DictComp, cst.Ellipsis,
)  # fmt: skip


def changed(place: Place, change: Change, *, above: int = 0) -> Edit:
    """The edit that changes the expression at a place, or the one so many levels `above` it."""
    around = place.expressions
    if len(around) <= above:
        raise NotFixed("no expression stands there")
    inner = around[-1 - above]
    outer = around[max(len(around) - 3 - above, 0)]
    if place.source.span(around[-1]) != place.span:
        raise NotFixed("no expression stands just there")
    return _Snippet(place.source, outer, is_outermost=outer is around[0]).changed(place.source.span(inner), change)


class _Snippet:
    """An expression of a file, in parentheses so that it may go over lines."""

    def __init__(self, source: Source, node: ast.expr, *, is_outermost: bool) -> None:
        self.span = source.span(node)
        self.is_outermost = is_outermost
        self.text = source.at(self.span)
        try:
            module = cst.parse_module(f"({self.text})")
        except cst.ParserSyntaxError:
            raise NotFixed("it cannot be taken apart") from None
        self.wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self.positions = self.wrapper.resolve(PositionProvider)

    def changed(self, span: Span, change: Change) -> Edit:
        """The edit that changes the expression at `span`."""
        node = self._find(span)
        new = self._changed_root(node, change) if node is self._root else change(node)
        parent = self._parent(node)
        if parent is not None and _needs_parentheses(new, node, parent):
            new = new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        module = self.wrapper.module.deep_replace(node, new)
        assert isinstance(module, cst.Module)
        text = module.code.removeprefix("(").removesuffix(")")
        if text.count("#") != self.text.count("#"):
            raise NotFixed("a comment would be lost")
        return tight(self.span, self.text, text)

    @property
    def _root(self) -> cst.CSTNode | None:
        match self.wrapper.module.body:
            case [cst.SimpleStatementLine(body=[cst.Expr(value=value)])]:
                return value
        return None

    def _changed_root(self, root: cst.BaseExpression, change: Change) -> cst.BaseExpression:
        """The outermost expression has parentheses that the file has not."""
        first, *lpar = root.lpar
        *rpar, last = root.rpar
        new = change(root.with_changes(lpar=lpar, rpar=rpar))
        if isinstance(new, cst.BooleanOperation) and self.is_outermost and "\n" not in _code(new):
            new = new.with_changes(lpar=[], rpar=[])
        return new.with_changes(lpar=[first, *new.lpar], rpar=[*new.rpar, last])

    def _find(self, span: Span) -> cst.BaseExpression:
        wanted = self._position(span.line, span.column), self._position(span.end_line, span.end_column)
        for node, position in self.positions.items():
            if isinstance(node, cst.BaseExpression) and wanted in (_ends(position), self._outer_ends(node)):
                return node
        raise NotFixed("no expression stands just there")

    def _outer_ends(self, node: cst.BaseExpression) -> tuple[Position, Position] | None:
        """Where an expression begins and ends with its parentheses, which belong to a tuple or generator."""
        if not node.lpar or not isinstance(node, cst.Tuple | cst.GeneratorExp):
            return None
        return _ends(self.positions[node.lpar[-1]])[0], _ends(self.positions[node.rpar[0]])[1]

    def _position(self, line: int, column: int) -> Position:
        """The place in the snippet."""
        is_first = line == self.span.line
        return line - self.span.line + 1, column - self.span.column + 1 if is_first else column

    def _parent(self, child: cst.CSTNode) -> cst.CSTNode | None:
        return next((node for node in self.positions if any(each is child for each in node.children)), None)


def tight(span: Span, old: str, new: str) -> Edit:
    """The edit that makes `new` of `old`, which stands at `span`, without what both begin and end with."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    first, last = _after(span, old[:start]), _after(span, old[: len(old) - end])
    return Edit(Span(*first, *last), new[start : len(new) - end])


def awaited(node: cst.BaseExpression) -> cst.BaseExpression:
    """`await` before an expression, inside of its parentheses if they are all that needs them."""
    if not isinstance(node, _PRIMARY):
        inner = node if node.lpar else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return cst.Await(expression=inner)
    return cst.Await(expression=node.with_changes(lpar=[], rpar=[]), lpar=node.lpar, rpar=node.rpar)


def each_awaited(node: cst.BaseExpression) -> cst.BaseExpression:
    """`await a() or await b()` for `await (a() or b())`, which awaits what the first coroutine's truth decides."""
    if not isinstance(node, cst.Await):
        raise NotFixed("no `await` stands there")
    return _leaves_awaited(node.expression)


def _leaves_awaited(node: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(node, cst.BooleanOperation):
        return node.with_changes(left=_leaves_awaited(node.left), right=_leaves_awaited(node.right))
    return awaited(node)


def without_await(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression without its `await`, and without the parentheses that only the `await` needed."""
    if not isinstance(node, cst.Await):
        raise NotFixed("no `await` stands there")
    inner = node.expression
    if not node.lpar or (isinstance(inner, _PRIMARY) and "\n" not in _code(node)):
        return inner
    return inner.with_changes(lpar=[*node.lpar, *inner.lpar], rpar=[*inner.rpar, *node.rpar])


def called_instead(callee: str) -> Change:
    """Another function with the same arguments."""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        return _call(node).with_changes(func=cst.parse_expression(callee))

    return change


def in_thread(to_thread: str) -> Change:
    """The function and its arguments handed to `to_thread`, and that awaited."""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        call = _call(node)
        handed = call.with_changes(
            func=cst.parse_expression(to_thread),
            args=[_argument(call.func, call.whitespace_before_args, is_last=not call.args), *_listed(call.args)],
        )
        return awaited(handed)

    return change


def await_argument(node: cst.BaseExpression) -> cst.BaseExpression:
    """The first argument of a call awaited, without the call."""
    call = _call(node)
    value = _one_line(call.args[0].value) if call.args else None
    if value is None:
        raise NotFixed("it has no argument")
    result = awaited(value)
    return result if result.lpar else result.with_changes(lpar=call.lpar, rpar=call.rpar)


def add_call(node: cst.BaseExpression) -> cst.BaseExpression:
    """The call of a function."""
    if not isinstance(node, _PRIMARY):
        raise NotFixed("what stands there is no function's name")
    return cst.Call(func=node.with_changes(lpar=[], rpar=[]), lpar=node.lpar, rpar=node.rpar)


def call_argument(node: cst.BaseExpression) -> cst.BaseExpression:
    """A call with its first argument called."""
    call = _call(node)
    if not call.args:
        raise NotFixed("it has no argument")
    first = call.args[0]
    return call.with_changes(args=[first.with_changes(value=add_call(first.value)), *call.args[1:]])


def add_star(node: cst.BaseExpression) -> cst.BaseExpression:
    """A call with its first argument unpacked."""
    call = _call(node)
    first, *others = _listed(call.args) if call.args else [None]
    if first is None or first.star or first.keyword:
        raise NotFixed("its first argument cannot be unpacked")
    return call.with_changes(args=[first.with_changes(star="*"), *others])


def drop_argument(name: str) -> Change:
    """A call without a keyword argument."""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        call = _call(node)
        kept = [each for each in call.args if each.keyword is None or each.keyword.value != name]
        if len(kept) == len(call.args):
            raise NotFixed(f"it has no argument `{name}`")
        if kept and call.args[-1] not in kept:
            kept[-1] = kept[-1].with_changes(
                comma=call.args[-1].comma, whitespace_after_arg=call.args[-1].whitespace_after_arg
            )
        return call.with_changes(args=kept) if kept else call.with_changes(args=[], whitespace_before_args=_NOTHING)

    return change


class Unbound(NotFixed):
    """Arguments have no place in a call unless they are bound before."""


def hand_over(position: int | None, name: str | None, *, partial: str = "") -> Change:
    """A call whose argument is the function that it called, with the arguments after it or bound by `partial`."""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        call = _call(node)
        index = _index(call.args, position, name)
        argument = call.args[index]
        made = _call(argument.value)
        if not made.args:
            new = [argument.with_changes(value=made.func)]
        elif partial:
            handed = [_argument(made.func, made.whitespace_before_args, is_last=False), *_listed(made.args)]
            new = [argument.with_changes(value=made.with_changes(func=cst.parse_expression(partial), args=handed))]
        elif index != len(call.args) - 1 or any(each.keyword or each.star for each in (argument, *made.args)):
            raise Unbound("its arguments have no place there")
        else:
            handed = _listed(made.args)
            last = handed[-1].with_changes(comma=argument.comma, whitespace_after_arg=argument.whitespace_after_arg)
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            new = [cst.Arg(value=made.func, comma=comma), *handed[:-1], last]
        return call.with_changes(args=[*call.args[:index], *new, *call.args[index + 1 :]])

    return change


def call_threadsafe(run_coroutine: str, *, is_of_loop: bool) -> Change:
    """The call made by the loop of its object, or by the loop that is its object."""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        call = _call(node)
        method = call.func
        if not isinstance(method, cst.Attribute) or any(each.keyword or each.star for each in call.args):
            raise NotFixed("its arguments have no place in `call_soon_threadsafe`")
        owner = method.value
        if is_of_loop and method.attr.value == "call_soon":
            return call.with_changes(func=method.with_changes(attr=cst.Name("call_soon_threadsafe")))
        if not _is_dotted(owner):
            raise NotFixed("its object would be asked for twice")
        if is_of_loop and method.attr.value == "create_task":
            loop = cst.Arg(value=owner)
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            args = [*(each.with_changes(comma=comma) for each in _listed(call.args)), loop]
            return call.with_changes(func=cst.parse_expression(run_coroutine), args=args)
        loop_of = owner if is_of_loop else cst.Call(func=cst.Attribute(value=owner, attr=cst.Name("get_loop")))
        first = _argument(method, call.whitespace_before_args, is_last=not call.args)
        threadsafe = cst.Attribute(value=loop_of, attr=cst.Name("call_soon_threadsafe"))
        return call.with_changes(func=threadsafe, args=[first, *_listed(call.args)])

    return change


def copied(node: cst.BaseExpression) -> cst.BaseExpression:
    """`list(...)` of an expression."""
    value = node
    if isinstance(node, cst.Tuple | cst.GeneratorExp) or not node.lpar or "\n" in _code(node):
        return cst.Call(func=cst.Name("list"), args=[cst.Arg(value=value)])
    return cst.Call(func=cst.Name("list"), args=[cst.Arg(value=value.with_changes(lpar=[], rpar=[]))])


def removed_if_present(node: cst.BaseExpression) -> cst.BaseExpression:
    """`pop` with a default, or `discard`."""
    call = _call(node)
    method = call.func
    if not isinstance(method, cst.Attribute) or len(call.args) != 1 or call.args[0].star or call.args[0].keyword:
        raise NotFixed("it removes in another way")
    if method.attr.value == "remove":
        return call.with_changes(func=method.with_changes(attr=cst.Name("discard")))
    if method.attr.value != "pop":
        raise NotFixed("it removes in another way")
    key = call.args[0]
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    default = cst.Arg(value=cst.Name("None"), comma=key.comma, whitespace_after_arg=key.whitespace_after_arg)
    return call.with_changes(args=[key.with_changes(comma=comma, whitespace_after_arg=_NOTHING), default])


_NOTHING = cst.SimpleWhitespace("")


def _call(node: cst.BaseExpression) -> cst.Call:
    if not isinstance(node, cst.Call):
        raise NotFixed("no call stands there")
    return node


def _argument(value: cst.BaseExpression, before: cst.BaseParenthesizableWhitespace, *, is_last: bool) -> cst.Arg:
    """A first argument, with the next one on a line of its own if the first one was."""
    if is_last:
        return cst.Arg(value=value)
    after: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace(" ")
    if isinstance(before, cst.ParenthesizedWhitespace):
        after = before.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
    return cst.Arg(value=value, comma=cst.Comma(whitespace_after=after))


def _listed(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Arguments that may stand beside others: a generator needs its parentheses then."""
    if len(args) == 1 and isinstance(args[0].value, cst.GeneratorExp) and not args[0].value.lpar:
        value = args[0].value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return [args[0].with_changes(value=value)]
    return list(args)


def _index(args: Sequence[cst.Arg], position: int | None, name: str | None) -> int:
    for index, each in enumerate(args):
        if each.keyword is not None and each.keyword.value == name:
            return index
    plain = position is not None and position < len(args)
    if position is not None and plain and not any(each.star or each.keyword for each in args[: position + 1]):
        return position
    raise NotFixed("its argument is not to be seen")


def _one_line(value: cst.BaseExpression) -> cst.BaseExpression:
    """An expression that may stand outside of brackets."""
    try:
        ast.parse(_code(value))
    except SyntaxError:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value


def _needs_parentheses(new: cst.BaseExpression, old: cst.BaseExpression, parent: cst.CSTNode) -> bool:
    """Whether an `await` stands where only what binds more tightly may."""
    if not isinstance(new, cst.Await) or new.lpar:
        return False
    match parent:
        case cst.Attribute() | cst.Subscript():
            return parent.value is old
        case cst.Call():
            return parent.func is old
        case cst.Await():
            return True
    return False


def _is_dotted(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) or (isinstance(node, cst.Attribute) and _is_dotted(node.value))


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)


def _ends(position: CodeRange) -> tuple[Position, Position]:
    return (position.start.line, position.start.column), (position.end.line, position.end.column)


def _after(span: Span, text: str) -> Position:
    """Where a text ends that begins at `span`."""
    lines = text.count("\n")
    return span.line + lines, len(text) - text.rfind("\n") - 1 if lines else span.column + len(text)

"""Read a syntax tree once and write down its facts."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterator

from flake8_asyncio.facts import noqa
from flake8_asyncio.facts.expressions import Expressions
from flake8_asyncio.facts.model import NONE, UNKNOWN, Class, Facts, Function, Kind, Parameter, Ref, Use
from flake8_asyncio.facts.references import generic, union
from flake8_asyncio.facts.scopes import ClassRecord, FunctionScope, ModuleScope, Scope, assigned
from flake8_asyncio.facts.statements import Statements
from flake8_asyncio.syntax.source import Source, Span

_Definition = ast.FunctionDef | ast.AsyncFunctionDef
_FIRST_LINE = Span(1, 0, 1, 0)
_OVERLOADS = {"typing.overload", "typing_extensions.overload"}
_GIVEN_CLASS = re.compile(r"<:[\w.]+\(\)>\(\)")
_PROPERTY_PARTS = {"setter", "deleter", "getter"}


def extract(source: Source) -> Facts:
    """The facts of a file; of one that nests too deeply for Python's stack, only its name."""
    try:
        return _Extraction(source).facts()
    except RecursionError:
        return nothing(source)


def nothing(source: Source) -> Facts:
    """The facts of a file that could not be understood."""
    return Facts(source.module, source.is_package, {}, (), None, {}, {}, {}, ())


class _Extraction:
    """One walk: bodies of functions wait until what encloses them is known."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.walrus = _lines_with(":=", source)
        self.functions: dict[str, Function] = {}
        self.records: dict[str, tuple[ClassRecord, Class]] = {}
        self.waiting: deque[Callable[[], None]] = deque()
        self.expressions = Expressions(source, self._lambda)
        self.statements = Statements(self.expressions, self._define)

    def facts(self) -> Facts:
        source = self.source
        found = assigned(source.tree.body, self.walrus)
        module = ModuleScope(source.module, Kind.MODULE, None, bound=frozenset(found.bound))
        if "global " in source.text:
            declared = (each for each in ast.walk(source.tree) if isinstance(each, ast.Global))
            module.reassigned = frozenset(name for each in declared for name in each.names)
        self.statements.block(source.tree.body, module)
        self._finish(module, "<module>", _FIRST_LINE)
        while self.waiting:
            self.waiting.popleft()()
        names = {name: self._module_name(refs) for name, refs in module.every.items()}
        classes = {name: self._class_facts(record, fact) for name, (record, fact) in self.records.items()}
        flags = ("awaits",) if "awaits" in module.record.flags else ()
        return Facts(
            source.module, source.is_package, names, tuple(module.stars), _exported(source.tree),
            self.functions, classes, noqa.silenced(source.text), flags,
        )  # fmt: skip

    def _module_name(self, refs: list[Ref]) -> Ref:
        """What a name of the module is; of overloads, the definition that stands for them all."""
        if len(refs) > 1:
            found = {each: self.functions.get(self._name(each)) for each in refs}
            refs = [each for each, of in found.items() if of is None or _OVERLOADS.isdisjoint(of.decorators)] or refs
        return _settled(refs)

    # -- definitions ----------------------------------------------------------

    def _define(self, node: _Definition | ast.ClassDef, scope: Scope) -> None:
        if isinstance(node, ast.ClassDef):
            self._class(node, scope)
        else:
            self._function(node, scope)

    def _decorator(self, node: ast.expr, scope: Scope) -> Ref:
        """A decorator; which class it is called with makes no other of it."""
        return _GIVEN_CLASS.sub("()", self.expressions.value(node, scope, Use.OTHER))

    def _function(self, node: _Definition, scope: Scope) -> None:
        decorators = tuple(self._decorator(each, scope) for each in node.decorator_list)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            self.expressions.value(default, scope, Use.KEPT)
        is_part = any(each.rpartition(".")[2] in _PROPERTY_PARTS for each in decorators)
        owner = scope.owner if scope.kind is Kind.CLASS_BODY else None
        if owner and scope.is_muted:  # what a base class has of that name is declared to be something else
            scope.bind(node.name, UNKNOWN)
            return
        path = self._free(f"{scope.path}.{node.name}" + (".setter" if is_part else ""))
        if not is_part:
            scope.bind(node.name, path)
        if owner and (not is_part or decorators[-1].endswith(".setter")):
            owner.methods.append(node.name + (".setter" if is_part else ""))
        if scope.is_muted:
            return
        kind = Kind.COROUTINE if isinstance(node, ast.AsyncFunctionDef) else Kind.PLAIN
        inner = self._inner(node, scope, path, kind, decorators)
        span = self.source.span(node)
        self.functions[self._name(path)] = _placeholder(path, self._name(path), kind, span)
        self.waiting.append(lambda: self._body(node, inner, scope, decorators, span))

    def _inner(
        self, node: _Definition | ast.Lambda, scope: Scope, path: str, kind: Kind, decorators: tuple[Ref, ...]
    ) -> FunctionScope:
        arguments = node.args
        is_method = scope.kind is Kind.CLASS_BODY and not isinstance(node, ast.Lambda)
        body = [] if isinstance(node, ast.Lambda) else node.body
        found = assigned(body, self.walrus)
        names = [each.arg for each in _arguments(arguments)]
        outer = scope
        while outer.kind is Kind.CLASS_BODY and outer.outer is not None:
            outer = outer.outer
        inner = FunctionScope(
            path, kind, outer, scope.owner, "",
            frozenset(found.bound.union(names)), frozenset(found.globals), frozenset(found.nonlocals),
            parameters=frozenset(names), is_muted=scope.is_muted,
        )  # fmt: skip
        for each in _arguments(arguments):
            declared = self.expressions.annotation(each.annotation, scope)
            if each is arguments.vararg:
                declared = generic("builtins.list", declared)
            elif each is arguments.kwarg:
                declared = generic("builtins.dict", "builtins.str()", declared)
            elif declared == UNKNOWN:
                declared = f"{path}${each.arg}"
            inner.declared.add(declared)
            inner.bind(each.arg, declared)
        if is_method and scope.owner and "builtins.staticmethod" not in decorators:
            first = next(iter(_arguments(arguments)), None)
            if first is not None and (first.annotation is None or first.arg in ("self", "cls")):
                is_class = "builtins.classmethod" in decorators or path.endswith(("__new__", "__init_subclass__"))
                ref = scope.owner.path if is_class else f"{scope.owner.path}()"
                inner.declared.add(ref)
                inner.values[first.arg] = ref
                inner.every[first.arg] = [ref]
        return inner

    def _body(
        self, node: _Definition, inner: FunctionScope, scope: Scope, decorators: tuple[Ref, ...], span: Span
    ) -> None:
        falls_off = self.statements.block(node.body, inner)
        if falls_off and inner.record.returns:
            inner.record.returns.append(NONE)
        if not inner.record.returns and not falls_off:
            inner.record.flags.add("never returns")
        self.expressions.loops.recur(node, inner)
        if _is_stub(node.body):
            inner.record.flags.add("stub")
        if inner.record.has_yield:
            inner.kind = Kind.ASYNC_GENERATOR if isinstance(node, ast.AsyncFunctionDef) else Kind.GENERATOR
        annotation = self.expressions.annotation(node.returns, scope)
        owner = scope.owner.path if scope.owner and scope.kind is Kind.CLASS_BODY else ""
        self._finish(inner, self._name(inner.path), span, owner, decorators, self._parameters(node, scope), annotation)

    def _lambda(self, node: ast.Lambda, scope: Scope, path: str) -> None:
        inner = self._inner(node, scope, path, Kind.LAMBDA, ())
        inner.values = scope.values | inner.values

        def body() -> None:
            inner.record.returns.append(self.expressions.value(node.body, inner, Use.RETURNED))
            self._finish(inner, self._name(path), self.source.span(node), parameters=self._parameters(node, scope))

        self.waiting.append(body)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        decorators = tuple(self._decorator(each, scope) for each in node.decorator_list)
        bases = tuple(self.expressions.value(each, scope, Use.OTHER).removesuffix("[]") for each in node.bases)
        for keyword in node.keywords:
            self.expressions.value(keyword.value, scope, Use.OTHER)
        path = self._free(f"{scope.path}.{node.name}")
        scope.bind(node.name, path)
        record = ClassRecord(path)
        name, span = self._name(path), self.source.span(node)
        generics = [self.expressions.annotation(each, scope) for each in node.bases if isinstance(each, ast.Subscript)]
        generics = [each for each in generics if each.endswith(">()")]
        fact = Class(path, self.source.module, name, span, bases, decorators, {}, {}, (), (), tuple(generics))
        self.records[name] = (record, fact)
        self.expressions.classes[path] = record
        found = assigned(node.body, self.walrus)
        outer = scope
        while outer.kind is Kind.CLASS_BODY and outer.outer is not None:
            outer = outer.outer
        inner = FunctionScope(
            path, Kind.CLASS_BODY, outer, record, bound=frozenset(found.bound), is_muted=scope.is_muted
        )
        self.statements.block(node.body, inner)
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=attribute), annotation=annotation):
                    record.fields.append(attribute)
                    declared = self.expressions.annotation(annotation, inner)
                    if declared != UNKNOWN:
                        record.declared[attribute] = declared
        for attribute, refs in inner.every.items():
            if attribute not in record.methods:
                for ref in refs:
                    record.assign(attribute, ref)
        self._finish(inner, f"{name}.<class>", span)

    # -- writing down ---------------------------------------------------------

    def _finish(
        self, scope: Scope, name: str, span: Span, owner: str = "", decorators: tuple[Ref, ...] = (),
        parameters: tuple[Parameter, ...] = (), annotation: Ref = UNKNOWN,
    ) -> None:  # fmt: skip
        record = scope.record
        path = scope.path if scope.kind not in (Kind.MODULE, Kind.CLASS_BODY) else f"{self.source.module}.{name}"
        if scope.kind is Kind.CLASS_BODY and not (record.calls or record.uses):
            return
        self.functions[name] = Function(
            path, name, scope.kind, span, owner, decorators, parameters, annotation,
            tuple(dict.fromkeys(record.returns)), tuple(dict.fromkeys(record.yields)),
            tuple(record.calls), tuple(record.uses), tuple(record.accesses.values()),
            tuple(sorted(record.flags)), tuple(record.loops), tuple(record.stores),
        )  # fmt: skip

    def _parameters(self, node: _Definition | ast.Lambda, scope: Scope) -> tuple[Parameter, ...]:
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        silent = FunctionScope(
            "", Kind.LAMBDA, scope if scope.kind is not Kind.CLASS_BODY else scope.outer, is_muted=True
        )
        silent.values = scope.values
        found: list[Parameter] = []

        def add(each: ast.arg | None, kind: str, default: ast.expr | None = None) -> None:
            if each is not None:
                given = self.expressions.value(default, silent, Use.OTHER) if default is not None else ""
                found.append(Parameter(each.arg, kind, self.expressions.annotation(each.annotation, scope), given))

        for index, each in enumerate(positional):
            add(each, "/" if index < len(arguments.posonlyargs) else " ", defaults[index])
        add(arguments.vararg, "*")
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            add(each, "k", default)
        add(arguments.kwarg, "**")
        return tuple(found)

    def _class_facts(self, record: ClassRecord, fact: Class) -> Class:
        attributes = {name: _settled(refs) for name, refs in record.attributes.items()}
        return Class(
            fact.path, fact.module, fact.name, fact.span, fact.bases, fact.decorators,
            record.declared, attributes, tuple(record.fields), tuple(dict.fromkeys(record.methods)), fact.generics,
        )  # fmt: skip

    def _name(self, path: str) -> str:
        return path.removeprefix(self.source.module + ".") if self.source.module else path

    def _free(self, path: str) -> str:
        """A name that is defined twice means either: the second gets a number."""
        number, free = 2, path
        while self._name(free) in self.functions or self._name(free) in self.records:
            free = f"{path}#{number}"
            number += 1
        return free


def _lines_with(token: str, source: Source) -> tuple[int, ...]:
    if token not in source.text:
        return ()
    return tuple(number for number, line in enumerate(source.lines, 1) if token in line)


def _settled(refs: list[Ref]) -> Ref:
    """All that a name is ever given; `None` only where it is given nothing else."""
    values = [each for each in refs if each != NONE]
    return union(values) if values else NONE


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from arguments.posonlyargs
    yield from arguments.args
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg


def _placeholder(path: str, name: str, kind: Kind, span: Span) -> Function:
    return Function(path, name, kind, span, "", (), (), UNKNOWN, (), (), (), (), (), ())


def _is_stub(body: list[ast.stmt]) -> bool:
    """Whether a body only stands for one: a docstring, `...`, `pass` or `raise NotImplementedError`."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
                continue
        return False
    return True


def _exported(tree: ast.Module) -> tuple[str, ...] | None:
    """What `__all__` lists, where it is a plain list or tuple."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=elts) | ast.Tuple(elts=elts)):
                return tuple(
                    each.value for each in elts if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
    return None

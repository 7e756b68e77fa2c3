"""`flake8-asyncio facts`: what one file says by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flake8_asyncio.facts.extract import extract
from flake8_asyncio.facts.model import Arguments, Class, Facts, Function
from flake8_asyncio.lint import module_name
from flake8_asyncio.syntax.source import parse


def show_facts(path: Path) -> int:
    """Print a file's facts."""
    path = path.absolute()
    for line in described(extract(parse(path, module_name(path), path.read_bytes()))):
        print(line)
    return 0


def described(facts: Facts) -> Iterator[str]:
    """The facts as lines for a person."""
    yield f"module {facts.module}"
    for name, ref in facts.names.items():
        if ref != f"{facts.module}.{name}":
            yield f"  {name} = {ref}"
    for star in facts.stars:
        yield f"  from {star} import *"
    for owner in facts.classes.values():
        yield from _class(owner)
    for function in facts.functions.values():
        yield from _function(function)
    for line, codes in facts.noqa.items():
        yield f"noqa {line}: {', '.join(codes) or 'all'}"


def _class(owner: Class) -> Iterator[str]:
    bases = f"({', '.join(owner.bases)})" if owner.bases else ""
    yield f"class {owner.name}{bases}  line {owner.span.line}"
    for name, ref in owner.declared.items():
        yield f"  {name}: {ref}"
    for name, ref in owner.attributes.items():
        if name not in owner.declared:
            yield f"  {name} = {ref}"


def _function(function: Function) -> Iterator[str]:
    flags = f"  [{', '.join(function.flags)}]" if function.flags else ""
    yield f"{function.kind.value} {function.name}  line {function.span.line}{flags}"
    for decorator in function.decorators:
        yield f"  @{decorator}"
    for parameter in function.parameters:
        default = f" = {parameter.default}" if parameter.default else ""
        yield f"  {parameter.kind.strip()}{parameter.name}: {parameter.annotation}{default}"
    for call in function.calls:
        guards = f"  under {', '.join(call.guards)}" if call.guards else ""
        into = f" {call.name}" if call.name else ""
        yield f"  {call.span.line}: {call.callee}({_given(call.arguments)})  {call.use.value}{into}{guards}"
    for use in function.uses:
        yield f"  {use.span.line}: {use.text} is {use.value}  {use.use.value}"
    for ref in function.returns:
        yield f"  returns {ref}"
    for ref in function.yields:
        yield f"  yields {ref}"


def _given(arguments: Arguments) -> str:
    parts = [*arguments.positional, *(f"{name}: {ref}" for name, ref in (arguments.keywords or {}).items())]
    return ", ".join([*parts, "…"] if arguments.is_open else parts)

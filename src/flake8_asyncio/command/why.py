"""`flake8-asyncio why`: what is known about a line's calls and shared state, and why it was reported or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from flake8_asyncio.command.machinery import Run
from flake8_asyncio.facts.model import UNKNOWN, Class, Function
from flake8_asyncio.knowledge import Effect, Makes
from flake8_asyncio.lint import lint, module_name, open_project
from flake8_asyncio.options import BadOption
from flake8_asyncio.plugin import Plugin
from flake8_asyncio.project.chains import Chain, short
from flake8_asyncio.project.targets import External, Instance, Lazy, Literal, Object, Promise, Super, Target
from flake8_asyncio.syntax.source import parse
from flake8_asyncio.views import CallView, FunctionView, ModuleView, ValueView

_GIVES = {
    Makes.COROUTINE: "a coroutine: nothing of it runs until it is awaited",
    Makes.TASK: "a task or future: it runs already",
    Makes.MAY_AWAIT: "something that may be awaited, or used otherwise",
    Makes.ASYNC_CONTEXT: "an asynchronous context manager",
    Makes.ASYNC_ITERATOR: "an asynchronous iterator",
    Makes.VALUE: "a plain value",
}


def show_why(path: Path, line: int, knowledge: Sequence[str] = (), roots: Sequence[str] = ()) -> int:
    """Print what is known about a line, by the settings that hold for its file."""
    settings = [*(f"--aio-knowledge={each}" for each in knowledge), *(f"--aio-roots={each}" for each in roots)]
    Run(["--aio-enable=ALL", "--aio-no-cache", *settings, "--", str(path)])
    path = path.absolute()
    options = replace(Plugin.session().options(path.parent), baseline=None)
    linter = open_project(options)
    source = parse(path, module_name(path), path.read_bytes())
    facts, world = linter.project.add(source)
    module = ModuleView(source, facts, world, options)
    if not 0 < line <= len(source.lines):
        raise BadOption(f"{path} has no line {line}")
    print(f"{line}: {source.lines[line - 1].strip()}")
    found = False
    for function in module.functions:
        calls = [each for each in function.calls if each.span.line <= line <= each.span.end_line]
        uses = [each for each in function.uses if each.span.line <= line <= each.span.end_line]
        if calls or uses:
            found = True
            print(f"in {function.name}, which {_where(function)}")
        for call in calls:
            for text in _call(call):
                print(f"  {text}")
        for use in uses:
            print(f"  `{use.text}` ({use.use.value}) {_value(use.value)}")
    if not found:
        print("  no call and no use of a call's value is known here")
    for text in module.races.account(line):
        print(f"  {text}")
    for rule, finding in lint(linter, source):
        if finding.span.line == line:
            print(
                f"  {rule.code} {finding.message}"
                + ("" if rule.by_default else f" (only with --aio-enable={rule.code})")
            )
    if line in facts.noqa:
        print(f"  silenced here: {', '.join(facts.noqa[line]) or 'everything'}")
    return 0


def _where(function: FunctionView) -> str:
    if function.is_async:
        return "runs on the event loop: it is a coroutine"
    if function.is_on_loop:
        return "runs on the event loop: it is a callback"
    if function.fact in function.module.thread_functions:
        return "runs off the event loop: it is handed to a thread or process"
    return "runs where it is called"


def _call(call: CallView) -> Iterator[str]:
    yield f"`{call.text}()` ({call.use.value}) {_callee(call.callee)}"
    yield from (f"    {text}" for text in _said(call))
    if call.value.promise is not None:
        yield f"    gives {_GIVES[call.value.promise.kind]}"
    elif call.value.targets:
        yield f"    gives {_several(call.value)}"
    if call.guards:
        yield f"    runs only under: {', '.join(call.guards)}"
    for effect, verb in ((Effect.BLOCKS, "blocks"), (Effect.RUNS_LOOP, "runs an event loop")):
        chain = call.chain(effect)
        if chain is not None:
            yield f"    {verb}: {chain} ({chain.claim.why})"
            yield from (f"      {text}" for text in _places(chain, call.function.module))


def _said(call: CallView) -> Iterator[str]:
    """What is known of a function beside what its code says."""
    knowledge = call.function.module.world.knowledge
    for path in sorted(each.path for each in call.callee.targets if isinstance(each, External | Function)):
        if path in knowledge.own:
            yield "your settings say what it does, whatever its code says"
        if knowledge.offloads(path) is not None:
            yield "runs an argument off the event loop"


def _places(chain: Chain, module: ModuleView) -> Iterator[str]:
    for step in chain.steps:
        yield f"{module.path_of(step.function)} line {step.span.line}, in {short(step.function)}: {step.text}"


def _callee(value: ValueView) -> str:
    if value.targets:
        return f"means {_several(value)}"
    if value.ref == UNKNOWN:
        return "means nothing that the file shows"
    return f"cannot be known: {value.ref} leads to nothing certain"


def _value(value: ValueView) -> str:
    return f"is {_several(value)}" if value.targets else f"cannot be known ({value.ref})"


def _several(value: ValueView) -> str:
    return " or ".join(sorted(_name(each) for each in value.targets))


def _name(target: Target) -> str:
    match target:
        case Function(path=path, kind=kind):
            return f"{kind.value} {path}"
        case Class(path=path):
            return f"class {path}"
        case Instance(of):
            return f"an instance of {of.path}"
        case Super(of):
            return f"super() of {of.path}"
        case External(path):
            return path
        case Object(of):
            return f"an instance of {of}"
        case Promise(by=by):
            return f"what {by.path} gives"
        case Lazy(by=by):
            return f"what {by.path} yields"
        case Literal(text):
            return text
    return "unknown"

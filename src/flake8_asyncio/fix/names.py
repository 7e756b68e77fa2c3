"""Which names a file has for something, and how it gets one that it lacks."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_asyncio.facts.forms import captures
from flake8_asyncio.fix.edits import Edit, NotFixed
from flake8_asyncio.fix.places import Place, Scope
from flake8_asyncio.syntax.nodes import own
from flake8_asyncio.syntax.source import Source, Span


@dataclass(frozen=True, slots=True, order=True)
class Needed:
    """What must stand at the top of a file: an import of `module`, or the statement that binds a global name."""

    module: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class _Import:
    """A name that an import binds to something with a path; `block` is where it stands."""

    name: str
    path: str
    statement: ast.stmt


def local_name(path: str, place: Place) -> tuple[str, Needed | None]:
    """How the code at a place writes something with this path, and the import that it takes, if any."""
    module, _, rest = path.rpartition(".")
    if not module:
        if any(path in bound(scope) for scope in place.scopes) or path in place.comprehension_names:
            raise NotFixed(f"`{path}` is another name there")
        return path, None
    shadowed = set(place.comprehension_names)
    for scope in place.scopes:
        imports = list(_imports(scope))
        for each in imports:
            is_hidden = each.name.partition(".")[0] in shadowed
            if each.path in (path, module) and not is_hidden and _holds(each, imports, scope, place):
                return (each.name if each.path == path else f"{each.name}.{rest}"), None
        shadowed |= bound(scope)
    head = module.partition(".")[0]
    at_top = {each.path for each in _imports(place.source.tree) if each.name == head}
    inner = [bound(scope) for scope in place.scopes if not isinstance(scope, ast.Module)]
    if any(head in names for names in (*inner, place.comprehension_names)):
        raise NotFixed(f"`{head}` is another name there")
    if head in bound(place.source.tree) and at_top != {head}:
        raise NotFixed(f"`{head}` is another name there")
    return path, Needed(module)


def fresh_name(wanted: str, place: Place) -> str:
    """A name like the wanted one that nothing around the place has."""
    scope = next(iter(place.scopes))
    taken = {node.id for node in ast.walk(scope) if isinstance(node, ast.Name)}
    taken |= {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)}
    if isinstance(scope, ast.Module):
        taken |= bound(scope)
    candidates = (wanted, *(f"{wanted}_{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in candidates if each not in taken)


def bound(scope: Scope) -> set[str]:
    """The names that a scope binds, or declares to be another's."""
    return _bound_otherwise(scope) | {each.name for each in _imports(scope)}


def header(source: Source, needed: set[Needed]) -> list[Edit]:
    """The edits that put what is needed at the top of a file, after its docstring and `__future__` imports."""
    first, imports = _leading(source.tree)
    lines: dict[int, str] = {}
    for each in sorted(needed):
        if each.module:
            line, before, after = _place_of_import(source, each.module, first, imports)
            text = f"{before}import {each.module}\n{after}"
        else:
            line = (imports[-1].end_lineno or 0) + 1 if imports else _first_line(source, first)
            is_followed = line <= len(source.lines) and source.lines[line - 1].strip()
            text = f"\n{each.statement}\n" + ("\n" if is_followed else "")
        lines[line] = lines.get(line, "") + text
    return [Edit(Span(line, 0, line, 0), text) for line, text in lines.items()]


def _parameters(scope: Scope) -> set[str]:
    if isinstance(scope, ast.Module | ast.ClassDef):
        return set()
    given = scope.args
    usual = (*given.posonlyargs, *given.args, *given.kwonlyargs)
    return {each.arg for each in (*usual, given.vararg, given.kwarg) if each is not None}


def _imports(scope: Scope) -> Iterator[_Import]:
    for node in own([] if isinstance(scope, ast.Lambda) else scope.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield _Import(alias.asname or top, alias.name if alias.asname else top, node)
                if not alias.asname and alias.name != top:  # `import a.b` makes `a.b` as well
                    yield _Import(alias.name, alias.name, node)
        elif isinstance(node, ast.ImportFrom):
            prefix = node.module if node.module and not node.level else f"{'.' * node.level}{node.module or ''}"
            for alias in node.names:
                yield _Import(alias.asname or alias.name, f"{prefix}.{alias.name}", node)


def _holds(found: _Import, imports: list[_Import], scope: Scope, place: Place) -> bool:
    """Whether a name certainly means what this import says when the place is reached."""
    if any(each.name == found.name and each.path != found.path for each in imports):
        return False
    if found.name.partition(".")[0] in _bound_otherwise(scope):
        return False
    is_outer = scope is not next(iter(place.scopes))
    if isinstance(scope, ast.Module) and is_outer:
        tried = [each for node in scope.body if isinstance(node, ast.Try) for each in node.body]
        return found.statement in scope.body or found.statement in tried
    is_before = (found.statement.end_lineno or 0) < place.span.line
    return any(found.statement in block for block in place.blocks) and (is_outer or is_before)


def _bound_otherwise(scope: Scope) -> set[str]:
    """The names that a scope binds by other statements than imports."""
    names = _parameters(scope)
    for node in own([scope.body] if isinstance(scope, ast.Lambda) else scope.body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str() as name):
                names.add(name)
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                names.update(several)
            case ast.match_case(pattern=pattern):
                names.update(captures(pattern))
    return names


def _leading(tree: ast.Module) -> tuple[int, list[ast.stmt]]:
    """The index of the first statement after docstring and `__future__`, and the imports from there on."""
    first = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while first < len(tree.body) and _is_future(tree.body[first]):
        first += 1
    following = itertools.dropwhile(lambda each: not _is_import(each), tree.body[first:])
    return first, list(itertools.takewhile(_is_import, following))


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _first_line(source: Source, first: int) -> int:
    """Where the first statement may stand that needs to stand before all others."""
    if first:
        return (source.tree.body[first - 1].end_lineno or 0) + 1
    line = 1
    while line < len(source.lines) and source.lines[line - 1].startswith("#"):
        line += 1
    return line


def _place_of_import(source: Source, module: str, first: int, imports: list[ast.stmt]) -> tuple[int, str, str]:
    """The line for an import among those that are there, sorted if they are, and the blank lines around it."""
    if not imports:
        line = _first_line(source, first)
        is_followed = source.lines[line - 1].strip() if line <= len(source.lines) else ""
        return line, "\n" if line > 1 else "", "\n" if is_followed else ""
    line = imports[0].lineno
    if not _is_standard(imports[0]):
        return line, "", "\n"
    for each, following in zip(imports, [*imports[1:], None], strict=True):
        if not isinstance(each, ast.Import) or each.names[0].name > module:
            return each.lineno, "", ""
        line = (each.end_lineno or each.lineno) + 1
        if following is None or following.lineno != line:
            break
    return line, "", ""


def _is_standard(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import(names=[alias, *_]):
            return alias.name.partition(".")[0] in sys.stdlib_module_names
        case ast.ImportFrom(module=str() as module, level=0):
            return module.partition(".")[0] in sys.stdlib_module_names
    return False

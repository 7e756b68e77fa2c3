"""From a file to its findings: what the plugin, the command and the tests all call."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from flake8_asyncio import __version__
from flake8_asyncio.baseline import Baseline
from flake8_asyncio.facts.store import Store
from flake8_asyncio.finding import Finding
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.options import Options
from flake8_asyncio.project.environment import packages_in
from flake8_asyncio.project.modules import Folders, named
from flake8_asyncio.project.project import Project
from flake8_asyncio.replay import Replay
from flake8_asyncio.syntax.source import Source, Span

if TYPE_CHECKING:
    from flake8_asyncio.rules import Rule

_START = Span(1, 0, 1, 0)


def open_project(options: Options | None = None, given: Mapping[str, bytes] = MappingProxyType({})) -> Linter:
    """A project to lint files of; raises `KnowledgeError` where a user's knowledge file is wrong.

    `given` are the texts that files are to be taken for, by their paths, whatever is on disk.
    """
    chosen = options or Options()
    knowledge = Knowledge(chosen.knowledge, chosen.own)
    packages = packages_in(chosen.environment) if chosen.environment is not None else ()
    store = _store(chosen)
    project = Project(chosen.roots, knowledge, store, given, packages)
    return Linter(chosen, project, Replay(chosen, project, store) if store is not None else None)


class Linter:
    """One run: a project, the settings that it is linted with, and what an earlier run has found in it."""

    def __init__(self, options: Options, project: Project, replay: Replay | None = None) -> None:
        self.options = options
        self.project = project
        self.replay = replay
        self.baseline = Baseline.read(options.baseline) if options.baseline is not None else None

    @functools.cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are enabled, in the order of their codes."""
        from flake8_asyncio.rules import all_rules

        return tuple(each for each in all_rules() if each.by_default or self.options.enables(each.code))


def lint(linter: Linter, source: Source) -> Iterator[tuple[Rule, Finding]]:
    """Each finding in a file, with the rule that made it.

    An exception in a plugin ends the whole run of flake8, so our own mistakes become findings too: `AIO000` names the
    rule, and carries the traceback if `FLAKE8_ASYNCIO_DEBUG` is set.
    """
    from flake8_asyncio.views import ModuleView

    try:
        facts, world = linter.project.add(source)
        module = ModuleView(source, facts, world, linter.options)
    except Exception as error:
        yield _broken("facts", error)
        return
    for rule in linter.rules:
        try:
            for finding in rule.check(module):
                yield rule, finding
        except Exception as error:
            yield _broken(rule.code, error)
    module.close()


def module_name(path: Path) -> str:
    """The dotted name of a file, counting the folders above it that are packages."""
    name, _ = named(path, Folders())
    return name


def _broken(where: str, error: Exception) -> tuple[Rule, Finding]:
    message = f"internal error in {where}: {type(error).__name__}: {error}".replace("\n", " ")
    if os.environ.get("FLAKE8_ASYNCIO_DEBUG"):
        message += " " + traceback.format_exc().replace("\n", " | ")
    return _internal_error(), Finding(_START, message)


@functools.cache
def _internal_error() -> Rule:
    from flake8_asyncio.rules import Rule
    from flake8_asyncio.views import ModuleView

    def internal_error(module: ModuleView) -> Iterator[Finding]:
        """Something in flake8-asyncio itself went wrong."""
        return iter(())

    return Rule("AIO000", internal_error, "0.1")


def _store(options: Options) -> Store | None:
    if not options.use_cache:
        return None
    if options.cache_dir is not None:
        return Store(options.cache_dir)
    import platformdirs

    try:
        return Store(Path(platformdirs.user_cache_dir("flake8-asyncio", appauthor=False, version=__version__)))
    except (OSError, RuntimeError):
        return None

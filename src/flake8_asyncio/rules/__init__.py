"""Every rule is a module of this package, and its page lies beside it."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flake8_asyncio.finding import Finding
from flake8_asyncio.views import ModuleView

Check = Callable[[ModuleView], Iterator[Finding]]

DOCUMENTATION = "https://flake8-asyncio.readthedocs.io/en/stable"
FAMILIES = {"1": "entry", "2": "awaiting", "3": "state", "4": "blocking", "5": "lifetime"}


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong: its code, and the question by which it is found."""

    code: str
    check: Check
    since: str
    by_default: bool = True

    @property
    def name(self) -> str:
        """The rule's name, as it reads after "allow"."""
        return self.check.__name__.replace("_", "-")

    @property
    def family(self) -> str:
        """The family that the code's first digit stands for."""
        return FAMILIES[self.code[3]]

    @property
    def summary(self) -> str:
        """What is wrong, in one sentence."""
        return inspect.getdoc(self.check) or ""

    @property
    def url(self) -> str:
        """Where the rule's page is on the web."""
        return f"{DOCUMENTATION}/rules/{self.code}.html"

    @property
    def page(self) -> Path:
        """The rule's page, with examples that are linted and run by the tests."""
        return Path(inspect.getfile(self.check)).with_suffix(".md")


def rule(code: str, *, since: str, by_default: bool = True) -> Callable[[Check], Rule]:
    """Make a rule of a function that asks a module's view."""
    return lambda check: Rule(code, check, since, by_default)


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """All rules by code, found by looking into the modules beside."""
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(__path__, f"{__name__}.")]
    rules = {value.code: value for module in modules for value in vars(module).values() if isinstance(value, Rule)}
    return tuple(rules[code] for code in sorted(rules))

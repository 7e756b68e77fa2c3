"""What is said of a call whose receiver is unknown by everything else that the project has under its name.

Evidence, not proof: the project may have a library's object there, whose plain method happens to have the name. So
names that plain methods of libraries are known to have count for nothing, nor does a receiver that a library gave.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from flake8_asyncio.facts.model import UNKNOWN, Call, Class, Facts, Function, Kind, Ref
from flake8_asyncio.facts.references import alternatives, split
from flake8_asyncio.knowledge import Makes, plain_names, standard_names
from flake8_asyncio.project import decorators, eponyms, telltale
from flake8_asyncio.project.callers import Callers
from flake8_asyncio.project.containers import KNOWN
from flake8_asyncio.project.definitions import Definitions
from flake8_asyncio.project.equations import Equations
from flake8_asyncio.project.members import PLAIN
from flake8_asyncio.project.modules import named
from flake8_asyncio.project.names import is_dotted, located
from flake8_asyncio.project.paths import last_step
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import (
    NOBODY,
    NOTHING,
    UNKNOWN_TARGETS,
    External,
    Instance,
    Promise,
    Target,
    Targets,
)

_MOST_DECORATED = 6  # definitions under decorators that are looked at
_FARTHEST = 6
_STATE = ".state."  # where frameworks keep what applications put there
_GIVES_OURS = {"importlib.import_module"}  # which as a rule is given names of the project's own modules


class Hearsay:
    """The names of one world that only coroutine functions have."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[str, bool] = {}
        self._leads: dict[Ref, bool] = {}
        self._guesses: Equations[Ref, Target] = Equations(
            Callers(world.facts, world.names, world.ancestry, world.knowledge, self._makers), UNKNOWN_TARGETS
        )

    @classmethod
    def of(cls, world: World) -> Hearsay:
        """The one of a world."""
        if "hearsay" not in world.answers:
            world.answers["hearsay"] = cls(world)
        hearsay: Hearsay = world.answers["hearsay"]
        return hearsay

    def given(self, owner: Ref, name: str) -> Targets:
        """The methods of this name that a value has if parameters without a type are what callers give them."""
        if owner not in self._leads:
            self._leads[owner] = self.comes_from_caller(owner)
        found = self._guesses[f"{owner}.{name}"] if self._leads[owner] else NOTHING
        return NOTHING if NOBODY in found else found

    def namesakes(self, callee: Ref, name: str) -> list[Function]:
        """The methods of the project that have this name, if they are few, and it is called on what may be theirs.

        Those that only stand for the others are left out.
        """
        places = [each.get(name) if each is not None else None for each in self.world.methods]
        if len(places) != 1 or places[0] is None or name.startswith("__") or name in plain_names():
            return []
        if self.world.targets(callee) - {NOBODY} or self._is_foreign(callee):
            return []
        found = [each for path in places[0] if (each := self._method(Path(path), name)) is not None]
        return [each for each in found if "stub" not in each.flags] if len(found) == len(places[0]) else []

    def telling(self, call: Call) -> list[Target]:
        """What a call of something unknown means by its name alone, unless the project has coroutines of the name."""
        found = telltale.meant(call) if call.callee[0] != "=" else None
        if found is None or self.world.targets(call.callee) - {NOBODY, found}:
            return []
        return [found] if self.is_never_async(call.text.rpartition(".")[2]) else []

    def _method(self, path: Path, name: str) -> Function | None:
        """The plain method that is all that a file has of a name."""
        facts = self._facts(path)
        found = [each for key, each in facts.functions.items() if key.rpartition(".")[2] == name] if facts else []
        is_plain = len(found) == 1 and found[0].owner and found[0].kind is Kind.PLAIN and self._keeps(found[0])
        return found[0] if is_plain else None

    def comes_from_caller(self, ref: Ref, depth: int = 0) -> bool:
        """Whether a value is a parameter, or an attribute that keeps one, or is had from such."""
        owner, last = last_step(ref) if ref else ("", "")
        if "$" in last or (not last and "$" in ref):
            return True
        if not last or depth > _FARTHEST:
            return False
        if last[0] == "." and len(held := self.world.targets(owner)) == 1:
            (target,) = held
            members = self.world.members.find(target.of, last[1:]) if isinstance(target, Instance) else ()
            return any(isinstance(each, str) and "$" in each for each in members)
        return self.comes_from_caller(owner, depth + 1)

    def is_coroutine(self, callee: Ref, name: str, user: Facts, path: Path) -> bool:
        """Whether a call of a method gives a coroutine, as far as the project has nothing else of its name.

        Where libraries have plain methods of the name, a coroutine function near the call is meant, if it is not called
        on what a caller gave.
        """
        if not self.has_only_coroutines(name) or not self._may_be(callee) or self._is_foreign(callee):
            return False
        if name not in plain_names():
            return True
        is_ours = name not in standard_names() and not self.comes_from_caller(callee.rpartition(".")[0])
        return is_ours and self.is_near(name, user, path)

    def of_eponym(self, callee: Ref, receiver: str, name: str) -> Function | None:
        """The method that something unknown has if it is of the class after which it is named, as it is written.

        A single word is no evidence, and neither is any name of what a library gives.
        """
        found = self.world.targets(callee) - {NOBODY}
        if any(not isinstance(each, External) or _STATE not in each.path for each in found):
            return None
        if not eponyms.is_telling(receiver) or (not found and self._is_foreign(callee)):
            return None
        return eponyms.method_of(receiver, name, self.world, self._facts)

    def is_near(self, name: str, user: Facts, path: Path) -> bool:
        """Whether a coroutine function of a name is defined in a file's folder, or a package that it imports from."""
        folders = [folder for part in self.world.homes for folder in part.get(name, ())]
        packages = {self._package(folder) for folder in folders} - {""}
        return str(path.parent) in folders or any(
            f"{ref}.".startswith(f"{package}.") for ref in user.names.values() for package in packages
        )

    def _package(self, folder: str) -> str:
        return named(Path(folder, "name.py"), self.world.library.folders)[0].rpartition(".")[0]

    def may_be_of(self, callee: Ref, name: str, libraries: Collection[str]) -> bool:
        """Whether a method of this name may be one that these libraries have, as far as the project has no other."""
        found = self.world.targets(callee) - {NOBODY}
        known = self.world.knowledge.libraries
        tops = {each.path.partition(".")[0] if isinstance(each, External) else "" for each in found}
        if not all(each and (each in libraries or each not in known) for each in tops):
            return False
        parts = self.world.definitions
        return all(each is not None and name not in each.shadowed and name not in each.sometimes for each in parts)

    def is_overridden_async(self, stub: Function) -> bool:
        """Whether all methods of the project that override one without a body are coroutine functions."""
        name = stub.name.rpartition(".")[2]
        parts = [each.stubs.get(name, ()) if each is not None else None for each in self.world.definitions]
        paths = [path for each in parts if each for path in each]
        if None in parts:
            return False
        found = [each for path in paths for each in self._overriding(stub, name, Path(path))]
        return bool(found) and all(each.kind is Kind.COROUTINE and self._keeps(each) for each in found)

    def is_overridden_plainly(self, stub: Function) -> bool:
        """Whether the project overrides a method without a body by plain functions, and has no others of the name."""
        name = stub.name.rpartition(".")[2]
        parts = [each.get(name, ()) if each is not None else None for each in self.world.overrides]
        if not stub.owner or None in parts or not self.is_never_async(name):
            return False
        found = [each for part in parts for path in part or () for each in self._overriding(stub, name, Path(path))]
        return bool(found) and all(each.kind is Kind.PLAIN and self._keeps(each) for each in found)

    def _overriding(self, stub: Function, name: str, path: Path) -> Iterator[Function]:
        facts = self._facts(path)
        for owner in facts.classes.values() if facts is not None else ():
            ancestors = self.world.ancestry.of(owner) if name in owner.methods else ()
            if any(isinstance(each, Class) and each.path == stub.owner and each is not owner for each in ancestors):
                found = self.world.members.own_method(owner, name)
                if found is not None:
                    yield found

    def is_never_async(self, name: str) -> bool:
        """Whether the project has no coroutine function of this name."""
        parts = self.world.definitions
        return all(each is not None and name not in each.coroutines and name not in each.sometimes for each in parts)

    def _may_be(self, callee: Ref) -> bool:
        """Whether nothing speaks against it: what is unknown may be one, beside those that are."""
        found = self.world.targets(callee) - {NOBODY}
        return all(isinstance(each, Function) and each.kind is Kind.COROUTINE and self._keeps(each) for each in found)

    def is_given_coroutine(self, callee: Ref, name: str) -> bool:
        """Whether a call of a method gives a coroutine if parameters without a type are what callers give them."""
        parts = self.world.definitions
        is_kept = callee[0] not in "?=" and "$" not in callee and self.comes_from_caller(callee)
        if not is_kept and not any(
            each is not None and (name in each.coroutines or name in each.sometimes) for each in parts
        ):
            return False
        found = self._guesses[f"{callee}()"] if callee[0] not in "?=" else frozenset()
        return bool(found) and all(isinstance(each, Promise) and each.kind is Makes.COROUTINE for each in found)

    def _makers(self, name: str) -> list[Facts] | None:
        """The facts of the files that call a class of this name."""
        parts = self.world.makers
        places = [each.get(name) if each is not None else None for each in parts]
        if any(each is None for each in places):
            return None
        found = [self._facts(Path(path)) for group in places if group for path in group]
        return [each for each in found if each is not None] if None not in found else None

    def _facts(self, path: Path) -> Facts | None:
        return self.world.library.facts(str(path), named(path, self.world.library.folders)[0])

    def has_only_coroutines(self, name: str) -> bool:
        """Whether the project has coroutine functions of this name and nothing else, whatever libraries have."""
        if name not in self._known:
            self._known[name] = not name.startswith("__") and self._find(name)
        return self._known[name]

    def _find(self, name: str) -> bool:
        parts = self.world.definitions
        found = [each for each in parts if each is not None and name in each.coroutines]
        if not found or len(found) != len(parts):
            return False
        return all(self._are_plain(name, each) for each in found)

    def _are_plain(self, name: str, definitions: Definitions) -> bool:
        """Whether decorators leave each definition the coroutine function that it is."""
        paths = definitions.decorated.get(name, ())
        return len(paths) <= _MOST_DECORATED and all(self._is_plain(name, Path(each)) for each in paths)

    def _is_plain(self, name: str, path: Path) -> bool:
        facts = self._facts(path)
        if facts is None:
            return False
        found = [each for key, each in facts.functions.items() if key.rpartition(".")[2].partition("#")[0] == name]
        return all(each.kind is Kind.COROUTINE and self._keeps(each) for each in found)

    def is_plainly_async(self, function: Function) -> bool:
        """Whether a function is a coroutine function, and decorators leave it that."""
        return function.kind is Kind.COROUTINE and self._keeps(function)

    def _keeps(self, function: Function) -> bool:
        return decorators.made(function, self.world.targets) is decorators.Made.ITSELF

    def _is_foreign(self, ref: Ref, depth: int = 0) -> bool:
        """Whether a value comes from a library that is not known well enough to tell what it is."""
        if depth > _FARTHEST:
            return True
        owner, last = last_step(ref)
        if owner in KNOWN and last.endswith("()"):  # a container that is made here is what was put into it
            return any(self._is_foreign(each, depth + 1) for each in split(last[1:-3], ",") if each != UNKNOWN)
        if not last:
            if len(ways := alternatives(ref)) > 1:
                return any(self._is_foreign(each, depth + 1) for each in ways)
            return is_dotted(ref) and ref not in _GIVES_OURS and located(self.world.facts, ref)[0] is None
        if last[0] == "." and len(held := self.world.targets(owner)) == 1:
            (target,) = held
            if isinstance(target, Instance | Class):
                of = target.of if isinstance(target, Instance) else target
                members = self.world.members.find(of, last[1:])
                is_own = owner.endswith("()")  # `self.coordinator` is what the class gave to its base
                if not members and not is_own and any(map(_is_of_library, self.world.ancestry.of(of))):
                    return True  # tables say little about attributes
                return any(
                    isinstance(each, External) or (isinstance(each, str) and self._is_foreign(each, depth + 1))
                    for each in members
                )
        return self._is_foreign(owner, depth + 1)


def _is_of_library(base: Class | External) -> bool:
    """Whether a base class is a library's, which may have attributes of its own."""
    return (
        isinstance(base, External)
        and base.path not in PLAIN
        and base.path.partition(".")[0] not in sys.stdlib_module_names
    )

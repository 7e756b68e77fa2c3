"""What each verb of a fix does to a file."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_asyncio import finding as verbs
from flake8_asyncio.finding import Fix, Verb
from flake8_asyncio.fix import expressions, statements
from flake8_asyncio.fix.edits import Edit, NotFixed
from flake8_asyncio.fix.names import Needed, local_name
from flake8_asyncio.fix.places import Place
from flake8_asyncio.syntax.source import Source


@dataclass(frozen=True, slots=True)
class Planned:
    """The edits of one fix, and what it needs at the top of the file."""

    edits: tuple[Edit, ...]
    needed: frozenset[Needed]

    def overlaps(self, other: Planned) -> bool:
        """Whether two fixes cannot both be made."""
        return any(mine.overlaps(theirs) for mine in self.edits for theirs in other.edits)


def plan(source: Source, fix: Fix) -> Planned:
    """The edits of a fix; raises `NotFixed` where it cannot be made."""
    edits: list[Edit] = []
    needed: set[Needed] = set()
    for verb in fix.verbs:
        try:
            more, wanted = _edits(source, verb)
        except NotFixed:
            raise
        except Exception as error:  # our own mistake leaves the file as it is
            raise NotFixed(f"internal error: {type(error).__name__}: {error}") from error
        edits.extend(more)
        needed |= {wanted} if wanted else set()
    return Planned(tuple(dict.fromkeys(edits)), frozenset(needed))


def _edits(source: Source, verb: Verb) -> tuple[list[Edit], Needed | None]:
    match verb:
        case verbs.Replace(span, text):
            return [Edit(span, text)], None
        case verbs.MakeAsync(span):
            return [statements.make_async(source, span)], None
        case verbs.HoldLock(acquire, release):
            return statements.hold_lock(source, acquire, release), None
        case _:
            return _at_place(Place(source, verb.span), verb)


def _at_place(place: Place, verb: Verb) -> tuple[list[Edit], Needed | None]:
    needed: Needed | None = None
    change: expressions.Change
    match verb:
        case verbs.KeepTask():
            return statements.keep_task(place)
        case verbs.AwaitFirst():
            return statements.await_first(place), None
        case verbs.RemoveIfPresent() if edit := statements.delete_if_present(place):
            return [edit], None
        case verbs.RemoveIfPresent():
            change = expressions.removed_if_present
        case verbs.Await():
            place.check_await()
            if levels := place.levels_to_await:
                return [expressions.changed(place, expressions.each_awaited, above=levels)], None
            change = expressions.awaited
        case verbs.DropAwait():
            return [expressions.changed(place, expressions.without_await, above=1)], None
        case verbs.AwaitInstead(callee=callee):
            place.check_await()
            name, needed = local_name(callee, place)
            instead = expressions.called_instead(name)
            change = lambda node: expressions.awaited(instead(node))  # noqa: E731
        case verbs.AwaitInThread():
            place.check_await()
            name, needed = local_name("asyncio.to_thread", place)
            change = expressions.in_thread(name)
        case verbs.AwaitArgument():
            place.check_await()
            change = expressions.await_argument
        case verbs.CallInstead(callee=callee):
            name, needed = local_name(callee, place)
            change = expressions.called_instead(name)
        case verbs.AddCall():
            change = expressions.add_call
        case verbs.CallArgument():
            change = expressions.call_argument
        case verbs.HandOver():
            return _handed_over(place, verb)
        case verbs.CallThreadsafe(is_of_loop=is_of_loop):
            name, wanted = local_name("asyncio.run_coroutine_threadsafe", place)
            change = expressions.call_threadsafe(name, is_of_loop=is_of_loop)
            edit = expressions.changed(place, change)
            return [edit], wanted if name in edit.text else None
        case verbs.AddStar():
            change = expressions.add_star
        case verbs.DropArgument(name=keyword):
            change = expressions.drop_argument(keyword)
        case verbs.Copy():
            local_name("list", place)
            change = expressions.copied
        case _:
            raise NotFixed("nobody knows how")
    return [expressions.changed(place, change)], needed


def _handed_over(place: Place, verb: verbs.HandOver) -> tuple[list[Edit], Needed | None]:
    try:
        if not verb.is_alone:
            return [expressions.changed(place, expressions.hand_over(verb.position, verb.name))], None
    except expressions.Unbound:
        pass
    partial, needed = local_name("functools.partial", place)
    edit = expressions.changed(place, expressions.hand_over(verb.position, verb.name, partial=partial))
    return [edit], needed if partial in edit.text else None

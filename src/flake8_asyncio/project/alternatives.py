"""Which of several things that a call may mean count, and how many of them must do what is looked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flake8_asyncio.facts.model import Function
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.project.targets import External, Target


def without_stand_ins(targets: Sequence[Target], knowledge: Knowledge) -> Sequence[Target]:
    """What is left without what an unknown package offers in the place of a known one, under the same name."""
    if len(targets) < 2 or not all(isinstance(each, External) for each in targets):
        return targets
    kept = [each for each in targets if isinstance(each, External) and not _is_stand_in(each, targets, knowledge)]
    return kept or targets


def _is_stand_in(target: External, targets: Sequence[Target], knowledge: Knowledge) -> bool:
    top = target.path.partition(".")[0]
    name = target.path.rpartition(".")[2]
    others = [each.path for each in targets if isinstance(each, External) and each is not target]
    return top not in knowledge.libraries and any(
        each.partition(".")[0] in knowledge.libraries and each.rpartition(".")[2] == name for each in others
    )


def are_enough(found: int, targets: Collection[Target]) -> bool:
    """Whether so many of several things that a call may mean are enough to say it of the call.

    All of them are. So is half of the project's own methods, as which one it is is decided when the program runs.
    """
    if found == len(targets):
        return True
    are_methods = all(isinstance(each, Function) and each.owner for each in targets)
    return (
        are_methods
        and len({each.owner for each in targets if isinstance(each, Function)}) == len(targets)
        and (found > 1 and found * 2 >= len(targets))
    )

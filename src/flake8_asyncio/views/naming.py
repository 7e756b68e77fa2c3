"""Which method a call means by its name alone, where nobody says what the object is.

In three of four real forgotten awaits every definition of the method's name is an `async def`. So a call whose value is
dropped is taken to mean such a method if the linted file, or a module that it imports, defines one, all that they
define of that name are coroutine functions, and the name is none that objects of other libraries are likely to have.
"""

from __future__ import annotations

from flake8_asyncio.facts.model import UNKNOWN, Function, Kind, Use
from flake8_asyncio.project import decorators
from flake8_asyncio.views.calls import CallView

_USUAL = frozenset(
    "abort accept acquire add append apply ask begin bind build call cancel check clean cleanup clear click close "
    "commit configure connect copy count create delete disable disconnect discard dispatch drain emit enable end "
    "enter error evaluate execute exit extend fail fetch fill filter finish flush forward get handle init initialize "
    "insert invoke join kill link listen load lock log login logout main mark merge move next notify open parse pause "
    "perform ping play poll pop prepare process publish pull push put query quit raise read receive reconnect record "
    "refresh register release reload remove render replace reply report request reset resize resolve restart resume "
    "retry return rollback run save scan schedule search seek select send set setup show shutdown signal skip sleep "
    "sort start status step stop store submit subscribe switch sync tell terminate test tick touch track train "
    "transform trigger unbind unlink unload unlock unregister unsubscribe update upload validate verify wait walk "
    "warn watch write sendall send_text send_bytes send_json send_message write_text write_bytes setup_hook".split()
)


def meant_by_name(call: CallView) -> Function | None:
    """The coroutine function that a dropped call means by its name, if one can be told."""
    if call.use is not Use.DISCARDED:
        return None
    if call.callee.everything:
        return _meant_by_others(call)
    receiver, _, name = call.text.rpartition(".")
    if not receiver or name in _USUAL or "_" not in name.strip("_") or name.startswith("__"):
        return None
    if call.fact.callee != UNKNOWN and _is_known_receiver(call):
        return None
    found = call.function.module.methods.get(name, ())
    if not found or not all(_is_coroutine_function(each, call) for each in found):
        return None
    return found[0]


def _meant_by_others(call: CallView) -> Function | None:
    """A coroutine function under an unknown decorator, if another call of it in the file is awaited."""
    target = call.callee.target
    if not isinstance(target, Function) or target.kind is not Kind.COROUTINE:
        return None
    if decorators.made(target, call.function.module.world.targets) is not decorators.Made.UNKNOWN:
        return None
    for function in call.function.module.functions:
        for each in function.calls:
            if each.use is Use.AWAITED and each.text == call.text and each.callee.target is target:
                return target
    return None


def _is_known_receiver(call: CallView) -> bool:
    """Whether something is known of the object, so that its class should have told."""
    owner = call.fact.callee.rpartition(".")[0]
    return bool(owner) and bool(call.function.module.world.certain(owner))


def _is_coroutine_function(function: Function, call: CallView) -> bool:
    if function.kind is not Kind.COROUTINE:
        return False
    return decorators.made(function, call.function.module.world.targets) is decorators.Made.ITSELF

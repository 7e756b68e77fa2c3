"""AIO213: a call where a function is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Fix, HandOver
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.handing import handed_over

_TAKES_ARGUMENTS = frozenset(
    "to_thread run_in_executor submit call_soon call_soon_threadsafe call_later call_at add_signal_handler add_reader"
    " add_writer register start start_soon add_task".split()
)


@rule("AIO213", since="0.1")
def called_too_early(module: ModuleView) -> Iterator[Finding]:
    """A function is called where it should be handed over, so it runs here and now."""
    for function in module.functions:
        for call, value in handed_over(function, is_plain=False):
            if call.path != "re.sub" and (made := value.made_too_early):
                yield Finding(
                    call.span,
                    f"`{call.text}` wants a function, and gets {made}: what is called in its arguments runs before it",
                    Fix(HandOver(call.span, value.taken.position, value.taken.name, not _takes_arguments(call))),
                )


def _takes_arguments(call: CallView) -> bool:
    """Whether the arguments of the function may follow it."""
    return (call.path or call.text).rpartition(".")[2] in _TAKES_ARGUMENTS

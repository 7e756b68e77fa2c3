"""AIO106: a loop that waits for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.loops import running_loop

_WAIT = re.compile(r"asyncio\.run_coroutine_threadsafe(<.*>)?\(\)\.(result|exception)$")


@rule("AIO106", since="0.1")
def wait_for_own_loop(module: ModuleView) -> Iterator[Finding]:
    """Code on the loop waits for a future that only this loop can finish: a deadlock."""
    for function in module.on_loop:
        own = [
            call
            for call in function.calls
            if call.path == "asyncio.run_coroutine_threadsafe"
            and running_loop(call, call.arguments.get(1, "loop") or "?")
        ]
        for call in function.calls if own else ():
            timeout = call.arguments.get(0, "timeout")
            if _WAIT.search(call.fact.callee) and timeout != "=0":
                yield Finding(
                    call.span,
                    f"`{call.text}` waits for the event loop that it blocks: a deadlock; `await` the coroutine",
                )

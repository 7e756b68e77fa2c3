"""What a fix does, in the few words that a menu has room for."""

from __future__ import annotations

from flake8_asyncio import finding as verbs
from flake8_asyncio.finding import Fix


def title(fix: Fix) -> str:
    """What a fix does, as an order."""
    match fix.verb:
        case verbs.Await():
            return "Add `await`"
        case verbs.DropAwait():
            return "Remove `await`"
        case verbs.AwaitInstead(callee=callee):
            return f"Await `{callee}` instead"
        case verbs.AwaitInThread():
            return "Await it in a thread, by `asyncio.to_thread`"
        case verbs.AwaitArgument():
            return "Await the coroutine instead"
        case verbs.CallInstead(callee=callee):
            return f"Call `{callee}` instead"
        case verbs.AddCall() | verbs.CallArgument():
            return "Call the function"
        case verbs.HandOver():
            return "Hand the function over, with its arguments"
        case verbs.CallThreadsafe():
            return "Have the event loop do it, threadsafe"
        case verbs.AddStar():
            return "Add `*`"
        case verbs.DropArgument(name=name):
            return f"Remove the argument `{name}`"
        case verbs.Copy():
            return "Iterate over a copy"
        case verbs.MakeAsync():
            return "Add `async`"
        case verbs.KeepTask():
            return "Keep the task until it is done"
        case verbs.AwaitFirst():
            return "Await in a statement of its own first"
        case verbs.RemoveIfPresent():
            return "Remove it only if it is there"
        case verbs.HoldLock():
            return "Hold the lock by `async with`"
        case verbs.Replace(text=text):
            return f"Write `{text}`" if text and "\n" not in text else "Write it otherwise"

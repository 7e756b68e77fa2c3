"""The words by which code says what it means: locks, liveness, life cycle, resources.

A name never makes a finding by itself. It protects (`lock`, `serial`), tells which way a test points (`closed`,
`connected`), or is evidence that a place is shared (`get_or_create`) or dear (`connect`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any


class Words:
    """A regular expression that is compiled when it is first asked; a run on few files asks few of them."""

    search: Callable[[str], re.Match[str] | None]
    match: Callable[[str], re.Match[str] | None]

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern)
        self.search, self.match = compiled.search, compiled.match
        return object.__getattribute__(self, name)


LOCK = Words(
    r"(?i)(?<![bc])(?<!un)lock(?!out|ed_?out|step|file_path)|mutex|(^|_)sem(aphore)?s?($|_)|semaphore"
    r"|(^|_)cond(ition)?($|_)|critical_section|exclusive|single_?flight|lineari[sz]er"
)
LOCK_ITSELF = Words(r"(?i)^(.*_)?(r?lock|mutex)$")
SERIALISING = Words(
    r"(?i)lock|synchron|mutex|exclusive|one_at_a_time|serial|singleton|(^|_)once|(^|_)cache|memo|lru|debounce|throttle"
    r"|single_?flight|coalesce|dedup"
)
HOLDS_LOCK = Words(r"(?i)_(un)?locked$|_nolock$|_(with|under|inside)_lock$")

NEVER_SUSPENDING = frozenset(
    """timeout timeout_at suppress aclosing closing nullcontext Timeout move_on_after fail_after CancelScope""".split()
)
GOING_ON = frozenset({"checkpoint_if_cancelled"})  # lets nobody else run, unless the task ends there
PROCESS_WIDE = frozenset(
    """redirect_stdout redirect_stderr redirect_stdin chdir catch_warnings umask working_directory temp_environ
    modified_environ""".split()
)

DEAD = Words(
    r"(?i)^(is_)?(closed|closing|is_closing|done|expired|stale|cancelled|dead|lost|connection_lost|at_eof|finished"
    r"|stopped|invalid|disconnected|terminated|empty)$"
)
ALIVE = Words(
    r"(?i)^(is_)?(connected|open|opened|alive|valid|running|active|ready|started|initiali[sz]ed|available|fresh"
    r"|authenticated|logged_in|loaded|is_set|locked)$"
)
SAYS_DEAD = Words(r"(?i)(expired|stale|closed|dead|missing|outdated|invalid|need|should|must|not_|disconnected|empty)")
SAYS_ALIVE = Words(
    r"(?i)(connected|ready|running|valid|alive|started|initiali[sz]ed|open|loaded|authenticated|logged|exists|has_"
    r"|is_set|active)"
)
SENTINEL = Words(r"(?i)missing|unset|not_?set|sentinel|undefined|empty|none")
EXPIRY = Words(r"(?i)expir|valid|fresh|updated|refresh|until|deadline|ttl|age|timestamp|last|next|time")
RESULT = Words(
    r"(?i)fail|error|found|exhaust|supports?_|requires?_|has_|result|seen|warned|logged(?!_?in)|success|retry"
)

OVER = Words(
    r"(?i)clos|stop|done|finish|dead|fail|error|cancel|disconnect|complet|shut|exit|idle|lost|abort|expired|none|false"
    r"|timeout|unknown|inactive|reset|initial|\b(end|ended|off)\b"
)

OVER_FLAG = Words(r"(?i)^_*(is_)?(closed|eof|at_eof|done|finished|ended|exhausted|completed?|stopped|terminated)$")

CONSTRUCTION = Words(r"^__(init|post_init|new|set_name|init_subclass|setstate|attrs_post_init)__$")
ONCE = frozenset(
    """__aenter__ __aexit__ __anext__ __aiter__ __await__ main __init__ __post_init__ asyncSetUp asyncTearDown setUp
    tearDown""".split()
)
SETUP = Words(
    r"(?i)^_*(a?init|setup|startup|initiali[sz]e|restore|load|bootstrap|register|configure|migrate|__anit)|_init$|_setup$"
)
PREPARES = Words(r"(?i)^_*(a?init|set_?up|startup|initiali[sz]e|bootstrap|configure|migrate|__anit)|_init$|_setup$")
STARTUP = Words(
    r"(?i)^_*(a?init|setup|startup|initiali[sz]e|restore|load_config|bootstrap|configure|migrate)|_init$|_setup$|lifespan"
)
COLLECTS = Words(r"(?i)cache|memo|pool|registry|in_?flight|pending")
STARTING = Words(r"(?i)(^|_)(start|setup|init)(_|$)")
LAUNCHING = Words(r"(?i)(^|_)(start|setup|init|launch|main|serve|run|ready)(_|$)")
CALLBACK = Words(r"^_*(on|handle|data|connection|datagram|message|eof)_\w+$|^(data|datagram|eof)_received$|_callback$")
STARTS = Words(r"(?i)^_*(start|run|main)$")
BEGINS = Words(
    r"(?i)(^|_)(a?init\w*|set_?up|a?start\w*|begin|bootstrap|prepare|a?open|connect|run|main|serve|listen|launch|enter"
    r"|restart|re(load|set|start|fresh|init\w*|connect|configure|store)|load|create|build|migrate|from|on|handle"
    r"|configure|register|test|close|stop|shutdown)(_|$)"
)
TEARDOWN = Words(  # but no question whether it is time for it
    r"(?i)^(?!_*(should|is|has|can|may|must|needs?)_).*?"
    r"(^|_)(a?close|stop|shutdown|disconnect|cleanup|teardown|dispose|unload|exit|terminate|cancel|abort|destroy"
    r"|remove_from_hass|will_remove)"
)
ENDING = Words(r"(?i)delete|destroy|reset|stopp|clean|clear|remove|leave|kill|log_?out|free|release")
ENDS = Words(r"^__aexit__$|^(on_)?(shutdown|cleanup)(_event)?$")
SERIAL_HOOK = Words(
    r"^(_async_update_data|_async_setup|async_added_to_hass|async_will_remove_from_hass|async_step_\w+|async_update"
    r"|cog_load|cog_unload|async_setup_entry|async_unload_entry|process_frame|run_(tts|stt))$"
)
PROGRAM_HOOK = Words(r"(?i)lifespan$|^(on_)?(startup|shutdown|cleanup)(_event)?$|^setup_hook$|^async_setup$")
PER_TASK_BASE = Words(
    r"(RequestHandler|WebSocketHandler|HTTPEndpoint|WebSocketEndpoint|HTTPMethodView|TestCase|Exception|Error"
    r"|NamedTuple|TypedDict|Enum|ConfigFlow|OptionsFlow|RepairsFlow|EntryBaseFlow|FlowHandler|ReceiveStream|SendStream)$"
)
PER_TASK_NAME = Words(
    r"(Iter|Iterator|Cursor|Transaction|Pipeline|Parser|Reader|Decoder|Encoder|Rewriter|Builder|Visitor|Response|Request|Context"
    r"|ContextManager|StreamingBody|Handshake|Migration)$"
)
_ENTERED = frozenset(  # whatever can be entered, clients and servers too
    "AbstractAsyncContextManager AbstractContextManager AsyncContextManager ContextManager".split()
)
ANY_CALLER = Words(
    r"(?i)ensure|get_or|(^|_)lazy|(^|_)if_(not|needed|necessary|required|missing)|(^|_)maybe_"
    r"|conn|pool|session|client|token|auth|credential|log_?in"
    r"|(^|_)(a?start|a?open|a?close|stop|shutdown|subscribe|register|acquire|join|attach)"
)
ENSURES = Words(
    r"(?i)(^|_)ensure(s|d)?(_|$)|(^|_)get_or_|(^|_)lazy(_|$)|(^|_)if_(not|needed|necessary|required|missing)"
)
RESOURCE = Words(
    r"(?i)(^|_)(create|open|connect|start|launch|init|initiali[sz]e|setup|spawn|acquire|login|log_in|auth\w*|refresh"
    r"|subscribe|register|build|make|new|establish|a?enter|join|attach|bind|listen|install|renew|post|send|put|insert|write"
    r"|upload|handshake|exchange)(_|$)|(create|open|connect|start|launch|login)$"
)

READS = Words(r"^_*(async_)?(get|fetch|read|load|list|find|look_?up|query|select|count)_(?!or_)")
OBTAINS = Words(r"(?i)(^|_)(auth\w*|log_?in|refresh|acquire|handshake|exchange|renew|connect)(_|$)")

HELD = Words(r"(?i)client|session|conn(ection)?s?($|_)|pools?($|_)|engine|token|socket|browser|driver|transport")

NESTING = Words(r"(?i)depth|level|nest|recurs|attempt|retr(y|ies)|fail")

COMING = Words(
    r"(?i)(^|_)(clients|players|conn(ection)?s|sessions|peers|sockets|websockets|subscribers|listeners|watchers|members"
    r"|users|rooms|workers|streams|consumers|participants|viewers|observers|channels|pools)$"
)

GROWING = frozenset("append add insert extend update appendleft setdefault extendleft".split())
SHRINKING = frozenset("remove pop popleft discard del popitem clear difference_update intersection_update".split())
RAISING = frozenset({"remove", "popleft", "popitem"})
FORGIVING = frozenset({"discard", "clear", "difference_update", "intersection_update"})
MUTATING = GROWING | RAISING | FORGIVING | {"pop", "popitem"}
ELEMENT = frozenset("get items values keys __contains__ pop setdefault".split())
COPYING = frozenset("list tuple sorted set dict frozenset deepcopy copy".split())
TRANSPARENT = COPYING | frozenset("len bool int float str min max sum abs isinstance any all bytes round".split())
COMPUTING = frozenset({"max", "min"})  # of several
SPAWNING = frozenset(
    """create_task ensure_future start_soon create_background_task async_create_task async_create_background_task
    run_coroutine_threadsafe call_soon call_later add_done_callback spawn add_job async_add_job call_soon_threadsafe
    call_at""".split()
)
GATHERING = frozenset("gather TaskGroup as_completed wait create_task_group".split())
AWAITING = frozenset("wait_for shield gather".split())  # they await the calls they are given


def is_dear(name: str) -> bool:
    """Whether a function makes or opens something, as its name says; what `get_build` reads is no more than read."""
    return bool((OBTAINS if READS.match(name) else RESOURCE).search(name))


def last_name(node: ast.AST | None) -> str:
    """The name that an expression ends in: of `await self.pool.open(x)`, `open`."""
    while True:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name
            case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
                node = inner
            case _:
                return ""


def dotted(node: ast.expr) -> str:
    """`a.b.c`, or nothing for what is not a path of names."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            start = dotted(value)
            return f"{start}.{name}" if start else ""
    return ""


def is_per_task(base: str) -> bool:
    """Whether a class that inherits from one of this name belongs to one task."""
    return base not in _ENTERED and bool(PER_TASK_BASE.search(base) or PER_TASK_NAME.search(base))

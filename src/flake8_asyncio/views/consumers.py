"""Which functions outside the project take values as they are, and have no use for coroutines."""

from __future__ import annotations

CASTS = frozenset({"typing.cast", "typing_extensions.cast"})
"""The functions that give what they get, under another type."""

OWN = frozenset(
    "close send throw __await__ __name__ __qualname__ __class__ __del__ cr_await cr_code cr_frame cr_origin cr_running "
    "cr_suspended __doc__ __next__ __iter__ gi_frame __module__".split()
)
"""The attributes that a coroutine has."""

OF_FUTURES = frozenset(
    "add_done_callback cancel cancelled cancelling done exception get_context get_coro get_loop get_name get_stack "
    "print_stack remove_done_callback result set_exception set_name set_result uncancel send close throw".split()
)
"""The attributes that a future or task has."""

SHOWN = frozenset(
    "builtins.print builtins.str builtins.repr builtins.format builtins.bool builtins.ascii builtins.isinstance "
    "builtins.hash json.dumps json.dump pprint.pprint pprint.pformat builtins.bytes copy.copy copy.deepcopy "
    "logging.debug logging.info logging.warning logging.error logging.critical logging.exception "
    "logging.Logger.debug logging.Logger.info logging.Logger.warning logging.Logger.error logging.Logger.critical "
    "logging.Logger.exception pickle.dumps builtins.str.format orjson.dumps ujson.dumps "
    "aiohttp.web_response.json_response starlette.responses.JSONResponse fastapi.responses.ORJSONResponse "
    "quart.jsonify sanic.response.json".split()
)
"""The functions that take anything and show, copy or send it, which is of no use for a coroutine."""

SHOWN_INSIDE = SHOWN - {"builtins.bool", "builtins.isinstance", "builtins.hash", "copy.copy", "copy.deepcopy"}
"""Those of them that also do so with what stands in a collection."""

_CONSUMERS = frozenset(
    "builtins.len builtins.int builtins.float builtins.complex builtins.sum builtins.sorted builtins.list "
    "builtins.tuple builtins.dict builtins.set builtins.frozenset builtins.min builtins.max builtins.any builtins.all "
    "builtins.enumerate builtins.reversed builtins.iter builtins.next builtins.abs builtins.round builtins.divmod "
    "builtins.pow builtins.ord builtins.chr builtins.bytearray builtins.bin builtins.hex builtins.oct builtins.range "
    "builtins.open builtins.exec builtins.eval json.loads json.load "
    "collections.Counter collections.deque collections.OrderedDict itertools.chain itertools.islice "
    "builtins.zip builtins.list.extend builtins.set.update builtins.dict.update "
    "builtins.dict.get builtins.dict.pop builtins.list.index builtins.str.replace builtins.str.startswith "
    "builtins.str.endswith builtins.str.join collections.deque.extend "
    "asyncio.sleep asyncio.timeout asyncio.timeout_at asyncio.Semaphore asyncio.BoundedSemaphore "
    "asyncio.open_connection asyncio.create_subprocess_exec asyncio.create_subprocess_shell".split()
)
_OF_VALUES = frozenset(  # the standard library's modules of which no function takes a coroutine
    "ast base64 binascii bz2 calendar cmath codecs colorsys csv datetime decimal difflib fractions glob gzip hashlib "
    "hmac html io ipaddress lzma math mimetypes ntpath os pathlib posixpath random re secrets shlex shutil socket ssl "
    "statistics string struct tempfile textwrap time unicodedata urllib uuid zlib".split()
)
_OF_BUILTINS = frozenset(
    f"builtins.{name}"
    for name in (
        "abs all any ascii bin callable chr delattr dir divmod format globals hash hasattr hex id input isinstance "
        "issubclass len locals oct ord print repr round setattr sorted vars"
    ).split()
)


def consumes(path: str) -> bool:
    """Whether a function raises, or does nonsense, if it gets a coroutine."""
    return path in _CONSUMERS or path.partition(".")[0] in _OF_VALUES


def gives_values(path: str) -> bool:
    """Whether what a function of the standard library gives is nothing that it was handed, and cannot be awaited."""
    top = path.partition(".")[0]
    return (top in _OF_VALUES and top != "random") or path in _OF_BUILTINS

"""What a call of something unknown means by its name and arguments alone: few methods are named as those of paths are.

A path of anyio or trio has the same methods, and awaits them; a coroutine that does not is wrong in another way. The
queries that SQLAlchemy's plain sessions begin are known by what is done with them; its asynchronous ones begin none.
Nothing but an image is saved in a format of images, and nothing but a context of TLS loads certificates.
"""

from __future__ import annotations

import re

from flake8_asyncio.facts.model import Call, Ref, Use
from flake8_asyncio.project.targets import External

_CONTENT = frozenset({"read_text", "read_bytes", "write_text", "write_bytes"})
_TELLING = {"mkdir": ("parents", "exist_ok"), "unlink": ("missing_ok",)}
_NAMES = _CONTENT | _TELLING.keys() | {"iterdir", "open"}
_MODE = re.compile(r"='[rwax]b?t?\+?b?'")
_QUERY = re.compile(
    r"\.query\(\)(?:\.(?:filter|filter_by|join|outerjoin|order_by|limit|offset|options|group_by|distinct)\(\))+"
    r"\.(first|all|one|one_or_none|scalar|count|delete|update)$"
)
_ASYNC = re.compile(r"async|anyio|trio|aio", re.IGNORECASE)
_KEPT = (Use.AWAITED, Use.RETURNED, Use.PASSED)  # by what may await it
_AWAITS = re.compile(r"^asyncio\.|(?:gather|wait_for|create_task|ensure_future|start_soon|shield)$")
_OWNERS = {
    "load_cert_chain": "ssl.SSLContext",
    "load_verify_locations": "ssl.SSLContext",
    "set_default_verify_paths": "ssl.SSLContext",
}
_FORMAT = re.compile(r"='(?:PNG|JPE?G|WEBP|GIF|BMP|TIFF|ICO)'", re.IGNORECASE)


def meant(call: Call) -> External | None:
    """What a call of an unknown value can only mean."""
    if ".query()" in call.text and (found := _QUERY.search(call.text)):
        return External(f"sqlalchemy.orm.Query.{found[1]}") if call.use is not Use.AWAITED else None
    if call.use is Use.AWAITED or (call.use is Use.PASSED and _AWAITS.search(call.passed_to)):
        return None
    name = call.text.rpartition(".")[2]
    if name in _OWNERS:
        return External(f"{_OWNERS[name]}.{name}")
    if name == "save" and _FORMAT.fullmatch(call.arguments.get(1, "format") or ""):
        return External("PIL.Image.Image.save")
    return _of_path(call)


def _of_path(call: Call) -> External | None:
    """The method of `pathlib.Path` that a call of an unknown value can only mean."""
    owner, _, name = call.text.rpartition(".")
    if name not in _NAMES or not owner or _ASYNC.search(call.text):
        return None
    return External(f"pathlib.Path.{name}") if _tells(name, call) else None


def _tells(name: str, call: Call) -> bool:
    given = call.arguments
    if name in _CONTENT:
        return len(given.positional) == 1 if name.startswith("write") else _is_reading(given.positional)
    if name == "iterdir":
        return call.use not in _KEPT and given.all() == ()
    if name == "open":
        mode = given.get(0, "mode")
        return call.use is Use.ENTERED and mode is not None and _MODE.fullmatch(mode) is not None
    return call.use not in _KEPT and any(each in (given.keywords or {}) for each in _TELLING[name])


def _is_reading(positional: tuple[Ref, ...]) -> bool:
    return all(each.startswith("='") for each in positional)  # but for an encoding

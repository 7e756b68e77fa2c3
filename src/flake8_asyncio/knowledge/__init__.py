"""What is known about code that is not read: the standard library, other libraries, and what users tell us."""

from flake8_asyncio.knowledge.knowledge import Knowledge
from flake8_asyncio.knowledge.library import coroutine_names, plain_names, standard_names
from flake8_asyncio.knowledge.model import (
    Claim,
    Condition,
    Effect,
    Handed,
    Handler,
    KnowledgeError,
    Lock,
    Makes,
    Result,
)
from flake8_asyncio.knowledge.tables import LAZY, READ, WAITS

__all__ = [
    "LAZY",
    "READ",
    "WAITS",
    "Claim",
    "Condition",
    "Effect",
    "Handed",
    "Handler",
    "Knowledge",
    "KnowledgeError",
    "Lock",
    "Makes",
    "Result",
    "coroutine_names",
    "plain_names",
    "standard_names",
]

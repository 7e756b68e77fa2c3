"""What the handlers of a `try` say of the calls in it: who is ready for `queue.Empty` asks a queue of threads.

Only errors that plain functions alone raise say anything; libraries for coroutines raise others.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_asyncio.facts.forms import last_name
from flake8_asyncio.facts.model import Ref

EXPECTS = "expects "
QUEUE_ERRORS = frozenset({"queue.Empty", "queue.Full"})
NETWORK_ERRORS = frozenset(
    """
    botocore.exceptions.BotoCoreError botocore.exceptions.ConnectionError botocore.exceptions.EndpointConnectionError
    docker.errors.APIError docker.errors.DockerException docker.errors.NotFound
    ftplib.all_errors google.auth.exceptions.RefreshError googleapiclient.errors.HttpError http.client.HTTPException
    requests.ConnectionError requests.HTTPError requests.ReadTimeout requests.RequestException requests.Timeout
    requests.exceptions.ConnectTimeout requests.exceptions.ConnectionError requests.exceptions.HTTPError
    requests.exceptions.ReadTimeout requests.exceptions.RequestException requests.exceptions.SSLError
    requests.exceptions.Timeout smtplib.SMTPException urllib.error.HTTPError urllib.error.URLError
    urllib3.exceptions.HTTPError urllib3.exceptions.MaxRetryError
    """.split()
)
_NAMES = frozenset(each.rpartition(".")[2] for each in NETWORK_ERRORS | QUEUE_ERRORS)
_BESIDE = frozenset(  # what says nothing of the network, though it may stand beside what does
    """
    json raise_for_status text decode str int float bool len dict list set tuple repr format strip get_json loads
    debug info warning error exception critical log
    """.split()
)


def expected(node: ast.Try | ast.TryStar, name_of: Callable[[ast.expr], Ref]) -> tuple[str, ...]:
    """The errors that the handlers of a `try` wait for, where it can be told which call may raise them."""
    found: list[str] = []
    for handler in node.handlers:
        for kind in handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]:
            if kind is not None and last_name(kind) in _NAMES:
                ref = name_of(kind)
                if ref in QUEUE_ERRORS or (ref in NETWORK_ERRORS and _is_alone(node.body)):
                    found.append(f"{EXPECTS}{ref}")
    return tuple(found[:1])


def _is_alone(body: list[ast.stmt]) -> bool:
    """Whether there is but one call of which the error can come."""
    calls = [each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
    return sum(last_name(each.func) not in _BESIDE for each in calls) == 1

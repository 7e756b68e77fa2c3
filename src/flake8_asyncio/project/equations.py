"""The least solution of equations that may refer to each other in circles."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=Hashable)
Get = Callable[[Key], frozenset[Value]]
_MOST = 100  # values of one key
_STEPS = 20_000  # on the way to one solution, where real programs take dozens


class Equations(Generic[Key, Value]):
    """Sets defined by `equation(key, get)`, each worked out when first asked for.

    An equation may ask `get` for other keys, and may only grow when they grow. The solution then is unique: it does
    not depend on what is asked for first. If `beyond` is given, a set that becomes very large is this from there on,
    and so are all that circles have not settled after very many steps.
    """

    def __init__(
        self, equation: Callable[[Key, Get[Key, Value]], frozenset[Value]], beyond: frozenset[Value] | None = None
    ) -> None:
        self._equation = equation
        self._beyond = beyond
        self._values: dict[Key, frozenset[Value]] = {}
        self._users: dict[Key, set[Key]] = {}  # of the keys that are being worked out

    def __getitem__(self, key: Key) -> frozenset[Value]:
        known = self._values.get(key)
        return self._begin(key) if known is None else known

    def _begin(self, key: Key) -> frozenset[Value]:
        """Try an equation with what is settled; most ask for nothing else."""
        values, users = self._values, self._users
        is_settled = True

        def get(used: Key) -> frozenset[Value]:
            nonlocal is_settled
            known = values.get(used)
            if known is None or used in users:
                is_settled = False
                return frozenset()
            return known

        value = self._limited(self._equation(key, get))
        if is_settled and key not in values:
            values[key] = value
        else:
            self._solve(key)
        return values[key]

    def _solve(self, start: Key) -> None:
        values, users = self._values, self._users
        if start in values:
            return
        values[start] = frozenset()
        users[start] = set()
        pending, solved = [start], [start]
        steps = 0
        while pending:
            steps += 1
            if steps > _STEPS and self._beyond is not None:
                values.update(dict.fromkeys(solved, self._beyond))
                break
            user = pending.pop()

            def get(used: Key, user: Key = user) -> frozenset[Value]:
                known = values.get(used)
                if known is None:
                    values[used] = known = frozenset()
                    pending.append(used)
                    solved.append(used)
                    users[used] = {user}
                elif used in users:
                    users[used].add(user)
                return known

            if values[user] is self._beyond:
                continue
            value = self._limited(values[user] | self._equation(user, get))
            if value != values[user]:
                values[user] = value
                pending.extend(users[user])
        for key in solved:  # a finished value cannot change any more, so nobody needs to be told
            del users[key]

    def _limited(self, value: frozenset[Value]) -> frozenset[Value]:
        return value if len(value) <= _MOST or self._beyond is None else self._beyond

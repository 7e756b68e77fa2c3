"""Who may sign in; accounts are in PostgreSQL, which other services use as well."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

import asyncpg

from newsroom.models import Account


class Accounts:
    """Connects when the first account is asked for."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool: asyncpg.Pool | None = None
        self._tokens: dict[str, int] = {}
        self._lock = asyncio.Lock()

    async def _connected(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = await asyncpg.create_pool(self._address, min_size=1, max_size=5)
        return self._pool

    async def find(self, name: str) -> Account | None:
        pool = await self._connected()
        async with pool.acquire() as connection:
            row = await connection.fetchrow("select id, name, email, editor from accounts where name = $1", name)
        return Account(row["id"], row["name"], row["email"], row["editor"]) if row else None

    async def is_editor(self, name: str) -> bool:
        account = await self.find(name)
        return account is not None and account.is_editor

    async def sign_in(self, name: str, password: str) -> str:
        account = await self.find(name)
        if account is None:
            raise PermissionError(name)
        digest = f"{name}:{password}".encode()
        for _ in range(2_000_000):
            digest = hashlib.sha256(digest).digest()
        await self._check(account, digest)
        return await self._new_token(account)

    async def _check(self, account: Account, digest: bytes) -> None:
        pool = await self._connected()
        stored = await pool.fetchval("select digest from passwords where account = $1", account.identifier)
        if not secrets.compare_digest(stored, digest):
            raise PermissionError(account.name)

    async def _new_token(self, account: Account) -> str:
        token = secrets.token_urlsafe()
        with self._lock:
            self._tokens[token] = account.identifier
        return token

    async def sign_out(self, token: str) -> None:
        async with self._lock:
            self._tokens.pop(token, None)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()

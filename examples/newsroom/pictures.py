"""Pictures that come with articles: stored as they are, and made small."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import aiofiles
import aiohttp


class Pictures:
    """A folder of pictures and of their small forms."""

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self.folder = folder
        self.session = session

    async def fetch(self, url: str, name: str) -> Path:
        """Store a picture without holding it in memory."""
        path = self.folder / name
        async with self.session.get(url) as response, aiofiles.open(path, "wb") as file:
            async for chunk in response.content.iter_chunked(65536):
                await file.write(chunk)
        return path

    async def upload(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    async def shrink(self, path: Path) -> Path:
        small = path.with_suffix(".small.png")
        subprocess.run(["convert", str(path), "-resize", "320x", str(small)], check=True)
        return small

    async def rotate(self, path: Path) -> Path:
        process = await asyncio.create_subprocess_exec("mogrify", "-rotate", "90", str(path))
        if await process.wait():
            raise ValueError(path.name)
        return path

    async def remove(self, path: Path) -> None:
        await asyncio.to_thread(path.unlink, missing_ok=True)

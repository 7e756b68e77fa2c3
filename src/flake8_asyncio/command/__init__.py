"""The command `flake8-asyncio`: what the rules are, and what is known about a file."""

from flake8_asyncio.command.main import main

__all__ = ["main"]

"""The linter that understands asyncio programs: a flake8 plugin with the codes `AIO###`."""

__version__ = "0.1.0"

"""Fixes a text in this process, for tests that look at one thing."""

from __future__ import annotations

import textwrap

from flake8_asyncio.fix.rewriting import Judged, rewrite
from flake8_asyncio.lint import lint, open_project
from flake8_asyncio.options import Options


def rewritten(folder, content, *, unsafe=True, codes=("AIO",)):
    """What fixing makes of a file's bytes, with findings of these codes shown."""
    path = folder / "main.py"
    path.write_bytes(content)
    linter = open_project(Options(use_cache=False))

    def lint_anew(source):
        return [Judged(rule.code, finding, rule.code.startswith(codes)) for rule, finding in lint(linter, source)]

    return rewrite(path, content, lint_anew, unsafe=unsafe)


def fixed(folder, text, *, unsafe=True, codes=("AIO",)):
    """The text after all fixes."""
    result = rewritten(folder, textwrap.dedent(text).encode(), unsafe=unsafe, codes=codes)
    return result.content.decode()


def dropped(folder, text, *, codes=("AIO",)):
    """Why fixes were not made, and that nothing else was changed."""
    content = textwrap.dedent(text).encode()
    result = rewritten(folder, content, codes=codes)
    assert result.content == content
    return [reason for _, reason in result.dropped]

"""A Python file as the linter sees it: its path, dotted name, text and tree."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flake8_asyncio.syntax.cached import cached_property


class Unreadable(Exception):
    """A file that cannot be read or parsed; the message says why."""


class Span(NamedTuple):
    """A stretch of text; lines count from 1, columns from 0, and columns count characters."""

    line: int
    column: int
    end_line: int
    end_column: int

    def contains(self, other: Span) -> bool:
        """Whether another stretch lies in this one."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]


@dataclass(frozen=True, eq=False)
class Source:
    """One file: `text` has no byte-order mark and `\\n` for every line end."""

    path: Path
    module: str
    text: str
    tree: ast.Module

    @cached_property
    def lines(self) -> list[str]:
        """The lines as the tree counts them: only `\\n` ends one."""
        return self.text.split("\n")

    @property
    def is_package(self) -> bool:
        """Whether this is the `__init__` of a package."""
        return self.path.stem == "__init__"

    @property
    def package(self) -> str:
        """The package from which relative imports in this file start."""
        return self.module if self.is_package else self.module.rpartition(".")[0]

    def span(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> Span:
        """Where `node` stands, in characters."""
        end_line = node.end_lineno or node.lineno
        end_offset = node.col_offset if node.end_col_offset is None else node.end_col_offset
        return Span(node.lineno, self.column(node.lineno, node.col_offset), end_line, self.column(end_line, end_offset))

    def column(self, line: int, offset: int) -> int:
        """The tree counts UTF-8 bytes; flake8, editors and LibCST count characters."""
        if self._is_ascii or line > len(self.lines):
            return offset
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))

    def at(self, span: Span) -> str:
        """The text of a stretch."""
        lines = self.lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return "\n".join(lines)

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()


def parse(path: Path, module: str, content: bytes) -> Source:
    """The source in these bytes.

    Raises `Unreadable` for whatever Python could not run: a wrong encoding, a null byte, a syntax error, or
    nesting beyond what the parser takes.
    """
    try:
        text = decode(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError) as error:
        raise Unreadable(f"{path}: {error}") from error
    return Source(path, module, text, tree)


def decode(content: bytes) -> str:
    """The text in these bytes, by the rules of Python's own tokenizer.

    A codec that is not known here, as those that rewrite the source before it runs, is taken for UTF-8.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError:
        encoding = "utf-8"
    text = content.decode(encoding).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

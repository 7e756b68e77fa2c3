"""Findings that a project has accepted for now: they are told from new ones by what does not change when lines move.

A finding is known by its code, its file, the function that it stands in and the text of its line. Where several share
all of these, they are counted, so that one more of a kind is new.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flake8_asyncio.options import BadOption

Found = TypeVar("Found")

_VERSION = 1
_LAMBDA = re.compile(r"lambda_\d+_\d+")
_KEYS = ("file", "code", "function", "line")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """How a finding is known again."""

    file: str
    code: str
    function: str
    line: str


class Baseline:
    """The findings in one file of accepted ones; paths in it count from its folder."""

    def __init__(self, path: Path, counts: Counter[Known]) -> None:
        self.path = path
        self.counts = counts

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """What was written, nothing if there is no such file yet; raises `BadOption` if it is not one of ours."""
        if not path.exists():
            return cls(path, Counter())
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["version"] != _VERSION:
                raise BadOption(f"{path}: written by another version of flake8-asyncio; write it anew")
            counts = Counter(
                {Known(*(each[key] for key in _KEYS)): int(each["count"]) for each in document["findings"]}
            )
            if min(counts.values(), default=1) < 1:
                raise ValueError
        except OSError as error:
            raise BadOption(f"{path}: cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, BadOption):
                raise
            raise BadOption(f"{path}: no baseline; `flake8-asyncio check --write-baseline` writes one") from None
        return cls(path, counts)

    def new(
        self, path: Path, found: Iterable[Found], described: Callable[[Found], tuple[str, str, str]]
    ) -> list[Found]:
        """What is found in a file beyond what is accepted; `described` gives its code, function and line."""
        file = self.named(path)
        accepted = Counter({each: count for each, count in self.counts.items() if each.file == file})
        new = []
        for each in found:
            known = self.known(file, *described(each))
            if accepted[known]:
                accepted[known] -= 1
            else:
                new.append(each)
        return new

    def known(self, file: str, code: str, function: str, line: str) -> Known:
        """How a finding is known again."""
        return Known(file, code, _stable(function), line.strip())

    def named(self, path: Path) -> str:
        """How a file is named here: from the baseline's own folder."""
        return os.path.relpath(path, self.path.parent).replace(os.sep, "/")

    def write(self, found: Iterable[Known]) -> None:
        """Accept these findings and no others; raises `BadOption` if the file cannot be written, which then stays."""
        self.counts = Counter(found)
        rows = [
            {**{key: getattr(each, key) for key in _KEYS}, "count": count}
            for each, count in sorted(self.counts.items())
        ]
        text = json.dumps({"version": _VERSION, "findings": rows}, indent=1, ensure_ascii=False)
        new = self.path.with_name(f".{self.path.name}.tmp")
        try:
            # Names of files need not be UTF-8; what cannot be encoded is escaped as JSON does.
            new.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
            new.replace(self.path)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise BadOption(f"{self.path}: cannot be written ({error.strerror})") from None


def _stable(function: str) -> str:
    """A function's name without the lines that tell lambdas and repeated definitions apart."""
    return ".".join(_LAMBDA.sub("lambda", part.partition("#")[0]) for part in function.split("."))

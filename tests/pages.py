"""Reads a page: its sections, the examples in each, and what running or fixing an example shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_MARK = re.compile(r"  # (AIO\d{3}(?:, AIO\d{3})*)$", re.MULTILINE)
_TITLE = re.compile(r"# (?P<code>AIO\d{3}) (?P<name>[a-z0-9-]+)")
_HEADING = re.compile(r"## (.+)")
_SUBHEADING = re.compile(r"###+ .+")
_FILE = re.compile(r"`([\w./-]+\.\w+)`:")
_FENCE = re.compile(r"(```+|~~~+)(\w*)")

MAIN = "main.py"


@dataclass
class Example:
    """Files that belong together, with what running `main.py` prints and what fixing changes, where shown."""

    files: dict[str, str] = field(default_factory=dict)
    output: str | None = None
    diff: str | None = None

    @property
    def modules(self) -> dict[str, str]:
        return {name: text for name, text in self.files.items() if name.endswith(".py")}

    @property
    def marks(self) -> set[tuple[str, int, str]]:
        """A line that ends in `# AIO401` is one where that is found."""
        return {
            (name, number, code)
            for name, text in self.modules.items()
            for number, line in enumerate(text.splitlines(), 1)
            if (mark := _MARK.search(line))
            for code in mark[1].split(", ")
        }

    @property
    def codes(self) -> set[str]:
        return {code for _, _, code in self.marks}

    def write(self, folder: Path) -> None:
        """Put the files into `folder`."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")


@dataclass
class Page:
    """A title and sections of examples; text before the first `##` is what the rule is about."""

    path: Path
    title: str = ""
    sections: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return match["code"] if (match := _TITLE.fullmatch(self.title)) else ""

    @property
    def name(self) -> str:
        return match["name"] if (match := _TITLE.fullmatch(self.title)) else ""

    @property
    def proof(self) -> dict[str, str]:
        """The files beside every example that is run and has no `main.py` of its own."""
        return {name: text for example in self.sections.get("Proof", []) for name, text in example.files.items()}

    def runnable(self, example: Example) -> Example:
        """The example with what it takes to run it."""
        proof = {} if MAIN in example.files else self.proof
        return Example({**proof, **example.files}, example.output)


def unmarked(text: str) -> str:
    """The text as a user would have written it."""
    return _MARK.sub("", text)


def read(path: Path) -> Page:
    """The page at `path`.

    A file's name stands on a line of its own before the block, as in "`feed.py`:"; a block without one is `main.py`.
    A new example begins with a heading, after an output or a diff, and where a file's name comes again.
    """
    text = path.read_text(encoding="utf-8")
    page = Page(path, text.partition("\n")[0])
    examples: list[Example] = []
    current: Example | None = None
    name = MAIN
    lines = iter(text.splitlines())
    for line in lines:
        if match := _HEADING.fullmatch(line):
            examples = page.sections.setdefault(match[1], [])
            current, name = None, MAIN
        elif _SUBHEADING.fullmatch(line):
            current, name = None, MAIN
        elif match := _FILE.fullmatch(line):
            name = match[1]
        elif match := _FENCE.fullmatch(line):
            block = "".join(f"{each}\n" for each in iter(lines.__next__, match[1]))
            match match[2]:
                case "text" if name == MAIN:
                    if current is None:
                        raise ValueError(f"{path}: an output without an example")
                    current.output = block
                case "diff":
                    if current is None:
                        raise ValueError(f"{path}: a diff without an example")
                    current.diff = block
                case "python" | "toml" | "text" | "json" | "ini":
                    if current is None or name in current.files or (current.output, current.diff) != (None, None):
                        current = Example()
                        examples.append(current)
                    current.files[name] = block
            name = MAIN
    return page


def prints(wanted: str, printed: str) -> bool:
    """Whether the wanted lines come in this order, others between them or not; `...` is any text."""
    position = 0
    lines = printed.splitlines()
    for line in wanted.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.split("..."))))
        found = (at for at in range(position, len(lines)) if pattern.fullmatch(lines[at]))
        if (at := next(found, None)) is None:
            return False
        position = at + 1
    return True

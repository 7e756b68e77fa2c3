"""The README's tables of rules: `python scripts/rules_table.py` writes them anew, a test compares them."""

import re
from pathlib import Path

from flake8_asyncio.rules import all_rules

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
START, END = "<!-- rules: written by scripts/rules_table.py -->\n", "<!-- end of rules -->"
INTERNAL = "AIO000"
FAMILIES = {
    "entry": "AIO1xx: starting and entering event loops",
    "awaiting": "AIO2xx: coroutines, tasks and what is awaited",
    "state": "AIO3xx: state that is shared across suspensions",
    "blocking": "AIO4xx: what stops the loop",
    "lifetime": "AIO5xx: cancellation, timeouts and the life of tasks",
}


def tables():
    """A table of each family that has rules."""
    rules = sorted((rule for rule in all_rules() if rule.code != INTERNAL), key=lambda rule: rule.code)
    for family, title in FAMILIES.items():
        if members := [rule for rule in rules if rule.family == family]:
            yield f"\n### {title}\n\n| code | name | what is wrong |\n| --- | --- | --- |\n"
            yield from map(row, members)
    yield "\n"


def row(rule):
    page = rule.page.resolve().relative_to(ROOT).as_posix()
    when = "" if rule.by_default else " *(only when enabled)*"
    return f"| {rule.code} | [{rule.name}]({page}) | {one_line(rule.summary)}{when} |\n"


def one_line(text):
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def parts(text):
    """What is before the tables, the tables, and what is after them."""
    before, start, rest = text.partition(START)
    written, end, after = rest.partition(END)
    return before + start, written, end + after


def main():
    before, _, after = parts(README.read_text(encoding="utf-8"))
    README.write_text(before + "".join(tables()) + after, encoding="utf-8")


if __name__ == "__main__":
    main()

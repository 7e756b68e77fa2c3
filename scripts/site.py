"""Build the documentation: the pages in `docs`, with a page for each rule from the rules' own Markdown.

It ends in `build/site/html`. Warnings are errors.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, environment

FAMILIES = {
    "entry": "Starting and entering event loops",
    "awaiting": "Coroutines, tasks and what is awaited",
    "state": "State that is shared across suspensions",
    "blocking": "What stops the loop",
    "lifetime": "Cancellation, timeouts and the life of tasks",
}
INDEX = """\
# Rules

Codes with a 9 in the middle are opt-in: `--aio-enable` names those that you want.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where the environment is, or will be")
    parser.add_argument("--here", action="store_true", help="build with this Python, which has what it takes")
    arguments = parser.parse_args()
    if not arguments.here:
        python = environment(arguments.venv.absolute(), ["docs"])
        return subprocess.run([str(python), str(Path(__file__).resolve()), "--here"], cwd=str(ROOT)).returncode
    folder = ROOT / "build" / "site"
    shutil.rmtree(str(folder), ignore_errors=True)
    shutil.copytree(str(ROOT / "docs"), str(folder / "source"))
    write_rules(folder / "source" / "rules")
    shutil.copy(str(ROOT / "CHANGELOG.md"), str(folder / "source" / "changes.md"))
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    return subprocess.run([*build, str(folder / "source"), str(folder / "html")]).returncode


def write_rules(folder):
    """A page for each rule, and the index."""
    from flake8_asyncio.rules import all_rules

    folder.mkdir()
    index = [INDEX]
    for family, title in FAMILIES.items():
        index.append("\n## {}\n\n| rule | what is wrong | fix |\n| --- | --- | --- |\n".format(title))
        for rule in all_rules():
            if rule.family == family:
                (folder / (rule.code + ".md")).write_text(page(rule), encoding="utf-8")
                row = "| [{0.code}]({0.code}.md) {0.name}{1} | {2} | {3} |\n"
                when = "" if rule.by_default else " *(opt-in)*"
                index.append(row.format(rule, when, rule.summary.replace("|", "\\|"), fix(rule)))
    codes = "\n".join(rule.code for rule in all_rules() if rule.family in FAMILIES and rule.code != "AIO000")
    index.append("\n```{toctree}\n:hidden:\n\n" + codes + "\n```\n")
    (folder / "index.md").write_text("".join(index), encoding="utf-8")


def page(rule):
    """A rule's page with what is to be known about it in front."""
    title, _, rest = rule.page.read_text(encoding="utf-8").partition("\n")
    default = "on" if rule.by_default else "off; `--aio-enable={}` turns it on".format(rule.code)
    facts = {
        "family": FAMILIES[rule.family].lower(),
        "by default": default,
        "fix": fix(rule) or "none",
        "since": rule.since,
    }
    table = "| | |\n| --- | --- |\n" + "".join("| **{}** | {} |\n".format(*each) for each in facts.items())
    silence = "\n## Silencing\n\n`# noqa: {0}` on the line that is reported; `extend-ignore = {0}` everywhere.\n"
    return "{}\n\n{}\n\n{}\n{}{}".format(title, rule.summary, table, rest.strip("\n"), "\n" + silence.format(rule.code))


def fix(rule):
    """Whether the rule's findings can be mended, as its page shows."""
    _, heading, section = rule.page.read_text(encoding="utf-8").partition("\n## Fixed\n")
    section = re.split(r"\n## ", section)[0]
    if not heading:
        return ""
    return "[unsafe](../how-to/fixing.md)" if "`--unsafe`" in section else "[safe](../how-to/fixing.md)"


if __name__ == "__main__":
    sys.exit(main())

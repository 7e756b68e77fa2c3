"""What is written from the table of options: the page about them, and the JSON schema of `[tool.flake8-asyncio]`.

`python scripts/reference.py` writes both anew; a test compares them.
"""

import json
from pathlib import Path

from flake8_asyncio.knowledge.model import KINDS
from flake8_asyncio.options import DECLARED, Form

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "options.md"
SCHEMA = ROOT / "docs" / "flake8-asyncio.schema.json"

NAME = {"type": "string", "pattern": r"^[A-Za-z_]\w*([.:][A-Za-z_]\w*)+$"}
STRING = {"type": "string", "minLength": 1}
CODE = {"type": "string", "pattern": "^([Aa][Ii][Oo][0-9]{0,3}|[Aa][Ll][Ll])$"}
FORMS = {
    Form.CODES: {"type": "array", "items": CODE},
    Form.FILES: {"type": "array", "items": STRING},
    Form.FOLDERS: {"type": "array", "items": STRING},
    Form.FILE: STRING,
    Form.FOLDER: STRING,
    Form.NUMBER: {"type": "integer", "minimum": 1},
    Form.SWITCH: {"type": "boolean"},
    Form.NAMES: {"type": "array", "items": NAME},
}
WORDS = {
    Form.CODES: "list of codes",
    Form.FILES: "list of paths",
    Form.FOLDERS: "list of paths",
    Form.FILE: "path",
    Form.FOLDER: "path",
    Form.NUMBER: "number",
    Form.SWITCH: "switch",
    Form.NAMES: "list of dotted names",
    Form.CLAIMS: "list of dotted names or tables",
}
HEAD = """\
# Options

The linter's own options go where flake8's go: on the command line, or into `.flake8`, `setup.cfg` or `tox.ini`, without
the dashes in front. Those that have a key go into `pyproject.toml` as well, and some have their place only there.
Lists from both places add up; of single values, flake8's holds.

```ini
[flake8]
aio-enable = AIO390
```

```toml
[tool.flake8-asyncio]
enable = ["AIO390"]
```

Of several `pyproject.toml` files above a linted file, the nearest with such a table holds, up to the repository's root.
Paths in it count from its folder. An unknown key or a value of the wrong form is an error, said in one line.
Editors can check the table by [its JSON schema](flake8-asyncio.schema.json).
"""
ELSEWHERE = """
## Elsewhere

| variable | what it does |
| --- | --- |
| `FLAKE8_ASYNCIO_CACHE` | the folder for what is kept between runs; empty to keep nothing |
| `FLAKE8_ASYNCIO_DEBUG` | if set, an internal error (`AIO000`) carries its traceback |

Which findings are shown is flake8's business: `select`, `ignore`, `per-file-ignores`, `exclude` and `# noqa` hold for
ours as for all others.
"""


def page():
    """The page about the options."""
    parts = [HEAD]
    for option in DECLARED:
        parts.append("\n## {}\n\n{}\n\n".format(option.name, option.help))
        parts.append("| | |\n| --- | --- |\n")
        parts.append("| value | {} |\n".format(WORDS[option.form]))
        if option.default:
            parts.append("| default | {} |\n".format(option.default))
        if option.for_flake8:
            value = " " + option.metavar if option.metavar else ""
            parts.append("| command line | `{}{}` |\n".format(option.flag, value))
            parts.append("| flake8's files | `{}` |\n".format(option.flag.lstrip("-")))
        if option.for_pyproject:
            parts.append("\n```toml\n[tool.flake8-asyncio]\n{} = {}\n```\n".format(option.name, option.example))
    return "".join(parts) + ELSEWHERE


def schema():
    """The JSON schema of the table."""
    properties = {
        option.name: {"description": option.help, **form(option)} for option in DECLARED if option.for_pyproject
    }
    described = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "flake8-asyncio",
        "description": "The table [tool.flake8-asyncio] of pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(described, indent=2) + "\n"


def form(option):
    if option.form is not Form.CLAIMS:
        return FORMS[option.form]
    table = {
        "type": "object",
        "properties": {
            "calls": {"type": "array", "items": NAME},
            "why": STRING,
            "kind": {"enum": list(KINDS)},
            "gives": STRING,
            "argument": {"type": ["string", "integer"]},
            "position": {"type": "integer", "minimum": 0},
        },
    }
    return {"type": "array", "items": {"anyOf": [NAME, table]}}


def main():
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()

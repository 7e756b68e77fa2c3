"""What the documentation shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.rules import all_rules

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").rglob("*.md"))
_FILE = re.compile(r"^`(\S+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^```console\n\$ (flake8-asyncio .*?)\n((?:[^$\n`].*\n)*)```$", re.MULTILINE)


def test_the_tutorial_is_true(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for name, content in _FILE.findall(text):
        Path(name).write_text(content, encoding="utf-8")
    (command, wanted), *_ = _SESSION.findall(text)
    assert main([*shlex.split(command)[1:], "-j1"]) == 1
    assert capsys.readouterr().out == wanted
    assert main(["fix", "--unsafe", "--diff", "app.py"]) == 1
    assert "+    await asyncio.to_thread(remember, text)" in capsys.readouterr().out
    (tmp_path / "feeds.py").write_text(
        (tmp_path / "feeds.py").read_text().replace("sleep(0.5)", "sleep(0.5)  # noqa: AIO401")
    )
    main(["check", "-j1"])
    assert "AIO410" not in capsys.readouterr().out


def test_the_start_page_is_true(monkeypatch, capsys):
    monkeypatch.chdir(ROOT / "examples")
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    block = re.search(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block
    shown = re.findall(r"\$ flake8-asyncio (.*)\n((?:(?!\$ ).*\n)*)", block[1])
    assert len(shown) == 2
    for command, wanted in shown:
        main([*shlex.split(command), "--isolated", "--select=AIO410"])
        output = capsys.readouterr().out
        assert wanted.replace("\n (", " (").strip() in output or set(wanted.splitlines()) <= set(output.splitlines())


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.stem)
def test_a_page_speaks_of_rules_that_exist(path):
    codes = set(re.findall(r"\bAIO\d{3}\b", path.read_text(encoding="utf-8")))
    assert codes <= {"AIO000", *(rule.code for rule in all_rules())}


def test_every_subcommand_is_described(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^ {4}(\w+) {2,}", capsys.readouterr().out.partition("commands:")[2], re.MULTILINE)
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    assert set(commands) >= {"check", "fix", "rule", "why", "facts"}
    assert not [each for each in commands if f"| `{each} " not in text]


def test_every_page_is_in_the_contents():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {name for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL) for name in block.split()}
    pages = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in DOCS} - {"index"}
    assert pages <= listed

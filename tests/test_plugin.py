"""The plugin under flake8: nothing that a user's files hold stops a run, and how it is run changes nothing."""

from __future__ import annotations

import ast
import multiprocessing
import os
import subprocess
import sys

import pytest

from flake8_asyncio.plugin import Plugin
from process import clean_environment

CAUSE = "import time\n\n\ndef wait():\n    time.sleep(1)\n"
ENTRY = "import {module}\n\n\nasync def main():\n    {module}.wait()\n"


def run(folder, *arguments, text=None, environment=None):
    command = [sys.executable, "-P", "-m", "flake8", "--isolated", "--select=AIO", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**clean_environment(), **(environment or {})},
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def project(folder, **files):
    (folder / "pyproject.toml").touch()
    for name, content in files.items():
        path = folder / f"{name.replace('_in_', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.mark.parametrize(
    "content",
    [
        b"def broken(:\n",
        b"x = 1\0\n",
        b"# -*- coding: nonsense -*-\nx = 1\n",
        b"# -*- coding: utf-8 -*-\nx = '\xff'\n",
        b"x = " + b"(" * 50_000 + b")" * 50_000 + b"\n",
        b"x = " + b"-" * 30_000 + b"1\n",
        b"x = " + b" + ".join([b"1"] * 20_000) + b"\n",
        b"x = 1\n" * 100_000,
        b"\xef\xbb\xbfx = 1\r\ny = 2\r",
        b"",
    ],
    ids=[
        "syntax",
        "null",
        "unknown-encoding",
        "wrong-encoding",
        "parentheses",
        "minus",
        "plus",
        "long",
        "bom",
        "empty",
    ],
)
def test_an_imported_file_costs_nothing_but_knowledge(tmp_path, content):
    project(
        tmp_path,
        strange=content,
        main="import asyncio\nimport strange\n\n\nasync def main():\n    strange.run()\n    asyncio.sleep(1)\n",
    )
    result = run(tmp_path, "--aio-no-cache", "main.py")
    assert (result.stderr, result.returncode) == ("", 1)
    assert result.stdout.startswith("main.py:7:5: AIO201 ")


@pytest.mark.parametrize(
    "content", [b"def broken(:\n", b"x = 1\0\n", b"x = '\xff'\n"], ids=["syntax", "null", "encoding"]
)
def test_a_file_that_cannot_be_linted_costs_no_other_file_its_findings(tmp_path, content):
    project(tmp_path, strange=content, main="import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n")
    result = run(tmp_path, "--aio-no-cache", ".")
    assert result.stderr == ""
    assert "AIO201" in result.stdout
    assert "AIO000" not in result.stdout


@pytest.mark.parametrize("terms", [100, 500, 2_000])
def test_a_deep_file_is_no_crash(tmp_path, terms):
    text = "import asyncio\n\n\nasync def main():\n    x = " + " + ".join(["1"] * terms) + "\n    asyncio.sleep(x)\n"
    rows = list(Plugin(ast.parse(text), str(tmp_path / "main.py"), text.splitlines(keepends=True)).run())
    assert not [text for _, _, text, _ in rows if text.startswith("AIO000")]


@pytest.fixture
def many(tmp_path):
    for number in range(12):
        project(tmp_path, **{f"cause{number}": CAUSE, f"entry{number}": ENTRY.format(module=f"cause{number}")})
    return tmp_path


def test_findings_do_not_depend_on_processes_or_on_the_store(many):
    wanted = run(many, "--aio-no-cache", "-j1").stdout
    assert wanted.count("AIO410") == 12
    assert run(many, "--aio-no-cache", "-j4").stdout == wanted
    for _ in range(2):
        assert run(many, "--aio-cache-dir=cache", "-j4").stdout == wanted
    for entry in (many / "cache").rglob("*.json"):
        entry.write_bytes(entry.read_bytes()[:50])
    assert run(many, "--aio-cache-dir=cache", "-j2").stdout == wanted


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_findings_do_not_depend_on_how_processes_start(many, method):
    start = (
        f"import multiprocessing, sys; multiprocessing.set_start_method({method!r}); from flake8.main.cli import main; "
    )
    code = start + "sys.exit(main(['--isolated', '--select=AIO', '--aio-no-cache', '-j4', '--aio-enable=AIO390', '.']))"
    program = many / "start_flake8.py"
    program.write_text("if __name__ == '__main__':\n    " + code.replace("; ", "\n    ") + "\n")
    result = subprocess.run(
        [sys.executable, str(program)],
        cwd=many,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.stderr == ""
    assert result.stdout.count("AIO410") == 12


def test_one_file_alone_has_the_findings_that_it_has_among_others(many):
    together = run(many, "--aio-no-cache", ".").stdout.splitlines()
    alone = [
        line for number in range(12) for line in run(many, "--aio-no-cache", f"entry{number}.py").stdout.splitlines()
    ]
    assert sorted(alone) == sorted(line.removeprefix("./") for line in together)


def test_stdin_lints_the_text_and_not_the_file(tmp_path):
    project(tmp_path, cause=CAUSE, main=ENTRY.format(module="cause"))
    text = "import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n"
    shown = run(tmp_path, "--aio-no-cache", "--stdin-display-name", "main.py", "-", text=text)
    assert shown.stdout.startswith("main.py:5:5: AIO201")
    nameless = run(tmp_path, "--aio-no-cache", "-", text=ENTRY.format(module="cause"))
    assert nameless.stdout.startswith("stdin:5:5: AIO410")


def test_stdin_may_name_a_file_that_does_not_exist(tmp_path):
    project(tmp_path, app_in___init__="", app_in_cause=CAUSE)
    text = "from .cause import wait\n\n\nasync def main():\n    wait()\n"
    result = run(tmp_path, "--aio-no-cache", "--stdin-display-name", "app/new.py", "-", text=text)
    assert result.stdout.startswith("app/new.py:5:5: AIO410")


def test_columns_count_characters(tmp_path):
    project(tmp_path, main='import asyncio\n\n\nasync def main():\n    x = "éé😀"; asyncio.sleep(1)\n')
    assert run(tmp_path, "--aio-no-cache", "main.py").stdout.startswith("main.py:5:16: AIO201")


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--aio-enable=AIO39x", "aio-enable: 'AIO39x' is not a code of ours"),
        ("--aio-cpu-ms=soon", "aio-cpu-ms: 'soon' is not a positive whole number"),
        ("--aio-knowledge=missing.toml", "missing.toml"),
    ],
)
def test_a_bad_option_is_said_in_one_line(tmp_path, option, complaint):
    project(tmp_path, main="x = 1\n")
    result = run(tmp_path, option, "main.py")
    assert result.returncode == 1
    assert complaint in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_opt_in_rules_stay_silent_until_they_are_named(tmp_path):
    project(tmp_path, main="import os\n\n\nasync def main():\n    return os.path.exists('x')\n")
    assert run(tmp_path, "--aio-no-cache", "--ignore=E501", "main.py").stdout == ""
    assert "AIO490" in run(tmp_path, "--aio-no-cache", "--aio-enable=AIO490", "main.py").stdout
    (tmp_path / ".flake8").write_text("[flake8]\nselect = AIO\nignore = E501\naio-enable = AIO490\n")
    configured = subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--aio-no-cache", "main.py"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert "AIO490" in configured.stdout


def test_a_long_lived_process_sees_changed_files(tmp_path):
    project(tmp_path, cause=CAUSE, main=ENTRY.format(module="cause"))
    program = tmp_path / "editor.py"
    program.write_text(
        "from pathlib import Path\n"
        "from flake8.main.cli import main\n"
        "run = ['--isolated', '--select=AIO', '--aio-no-cache', 'main.py']\n"
        "print(main(run), flush=True)\n"
        "Path('cause.py').write_text('def wait(): ...')\n"
        "print(main(run), flush=True)\n"
    )
    result = subprocess.run(
        [sys.executable, str(program)], cwd=tmp_path, env=clean_environment(), capture_output=True, encoding="utf-8"
    )
    assert [line for line in result.stdout.splitlines() if len(line) == 1] == ["1", "0"]


def test_a_mistake_of_ours_is_a_finding(monkeypatch, tmp_path):
    monkeypatch.setattr(Plugin, "session", classmethod(lambda cls: 1 / 0))
    path = tmp_path / "main.py"
    path.write_text("x = 1\n")
    ((line, column, text, _),) = Plugin(ast.parse("x = 1\n"), str(path), ["x = 1\n"]).run()
    assert (line, column) == (1, 0)
    assert text.startswith("AIO000 internal error: ZeroDivisionError")


def test_importing_the_plugin_imports_next_to_nothing():
    code = (
        "import sys; before = set(sys.modules); import flake8_asyncio.plugin; print(*sorted(set(sys.modules) - before))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    assert not {"libcst", "tomllib", "json", "platformdirs", "flake8_asyncio.rules"} & set(shown), shown


def test_linting_does_not_import_libcst(tmp_path):
    project(tmp_path, main="import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n")
    code = (
        "import sys; from flake8.main.cli import main; "
        "main(['--isolated', '--select=AIO', '--aio-no-cache', 'main.py']); print('libcst' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    assert result.stdout.splitlines()[-1] == "False"
    assert set(os.listdir(tmp_path)) == {"pyproject.toml", "main.py"}

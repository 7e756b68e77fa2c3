"""What stands in `[tool.flake8-asyncio]` holds in flake8 and in the command alike, and mistakes in it are said."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tomllib

import pytest

import reference
from flake8_asyncio.command import main
from flake8_asyncio.options import DECLARED, BadOption, Form, read
from flake8_asyncio.pyproject import Tables, read_table
from process import clean_environment

APP = """\
import time
import asyncio
from elsewhere import client


def nap():
    time.sleep(0.001)


def doze():
    nap()


def vendor(): ...


def aside(label, job): ...


def work():
    time.sleep(1)


@client.lazy
def promised(): ...


async def main():
    vendor()
    doze()
    aside("label", work)
    promised()


def command():
    asyncio.run(main())
"""
TABLE = """\
[tool.flake8-asyncio]
enable = ["AIO190"]
blocking = [{ calls = ["app.vendor"], kind = "network", why = "it asks the vendor" }]
safe = ["app.nap"]
awaitable = ["app.promised"]
offloaders = [{ calls = ["app.aside"], argument = "job", position = 1 }]
entry-points = ["app:command"]
"""
FOUND = [
    "app.py:29:5: AIO402 `app.vendor` blocks the event loop: it asks the vendor",
    "app.py:32:5: AIO201 `promised()` makes a coroutine that nobody awaits, so nothing of it runs",
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "other.py").write_text("x = 1\n")
    return tmp_path


def flake8(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--select=AIO", "--aio-no-cache", *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def test_the_plugin_reads_the_table(project):
    before = flake8(project, "app.py").stdout
    assert "app.vendor" not in before
    assert "app.py:30:5: AIO410 `doze → nap → time.sleep`" in before
    (project / "pyproject.toml").write_text(TABLE)
    assert flake8(project, "app.py").stdout.splitlines() == FOUND


def test_workers_read_it_too_whatever_folder_flake8_is_called_from(project):
    (project / "pyproject.toml").write_text(TABLE)
    (project.parent / "call").mkdir(exist_ok=True)
    result = flake8(project.parent / "call", "-j2", "--config", "/dev/null", str(project))
    assert [line.rpartition("/")[2] for line in result.stdout.splitlines()] == FOUND


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize(
    "call",
    [
        "from flake8.main.cli import main; main(['--select=AIO', '--aio-no-cache', '-j2', 'app.py', 'other.py'])",
        "from flake8_asyncio.command import main; main(['check', '-j2', 'app.py', 'other.py'])",
    ],
    ids=["flake8", "command"],
)
def test_workers_read_the_table_however_they_start(project, method, call):
    (project / "pyproject.toml").write_text(TABLE)
    program = project / "start_processes.py"
    program.write_text(
        "import multiprocessing\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({method!r})\n    {call}\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", str(program)],
        cwd=project,
        env={**clean_environment(), "FLAKE8_ASYNCIO_CACHE": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.stderr == ""
    assert result.stdout.splitlines() == FOUND


def test_the_command_reads_the_table(project, capsys):
    (project / "pyproject.toml").write_text(TABLE)
    assert main(["check", "-j1", "app.py"]) == 1
    assert capsys.readouterr().out.splitlines() == FOUND
    assert main(["check", "-j1", "--aio-no-pyproject", "app.py"]) == 1
    assert "app.vendor" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (11, "your settings say what it does"),
        (29, "blocks: app.vendor (it asks the vendor)"),
        (31, "runs an argument off the event loop"),
    ],
)
def test_why_knows_what_the_table_says(project, capsys, line, words):
    assert main(["why", f"app.py:{line}"]) == 0
    assert words not in capsys.readouterr().out
    (project / "pyproject.toml").write_text(TABLE)
    assert main(["why", f"app.py:{line}"]) == 0
    assert words in capsys.readouterr().out


def test_why_says_that_there_is_no_such_line(project, capsys):
    assert main(["why", "app.py:99"]) == 2
    assert "app.py has no line 99" in capsys.readouterr().err


def test_isolated_reads_no_table(project, capsys):
    (project / "pyproject.toml").write_text("[tool.flake8-asyncio]\nnonsense = 1\n")
    assert main(["check", "-j1", "--isolated", "other.py"]) == 0
    assert main(["check", "-j1", "other.py"]) == 2
    capsys.readouterr()


WRONG = [
    ("blokcing = []", "blokcing: there is no such option; did you mean `blocking`?"),
    ("aio-enable = []", "aio-enable: there is no such option; did you mean `enable`?"),
    ("cache-dir = 'x'", "cache-dir: this belongs into flake8's configuration, as aio-cache-dir"),
    ("enable = 'AIO390'", "enable: expected a list of codes"),
    ("enable = ['E501']", "enable: expected codes of ours: 'E501' is not"),
    ("cpu-ms = 0", "cpu-ms: expected a positive whole number"),
    ("cpu-ms = true", "cpu-ms: expected a positive whole number"),
    ("knowledge = ['none.toml']", "knowledge: expected paths that exist, and there is no none.toml"),
    ("baseline = 3", "baseline: expected a path"),
    ("safe = ['nap']", "safe: expected dotted names, such as `package.module.function`, and not 'nap'"),
    ("blocking = [3]", "blocking: expected a list of dotted names, or of tables with `calls`"),
    (
        "blocking = [{ calls = ['app.x'], kind = 'netwrok' }]",
        "tool.flake8-asyncio.blocking[1].kind: expected one of",
    ),
    ("offloaders = [{ calls = ['app.x'], reason = 'y' }]", "tool.flake8-asyncio.offloaders[1].reason: expected one of"),
]


@pytest.mark.parametrize(("line", "complaint"), WRONG, ids=[line.partition(" =")[0] for line, _ in WRONG])
def test_a_mistake_is_said_in_one_line(project, capsys, line, complaint):
    (project / "pyproject.toml").write_text(f"[tool.flake8-asyncio]\n{line}\n")
    assert main(["check", "-j1", "app.py"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert complaint in captured.err
    assert "pyproject.toml: tool.flake8-asyncio." in captured.err
    assert captured.err.count("\n") == 1


def test_flake8_says_a_mistake_without_a_traceback(project):
    (project / "pyproject.toml").write_text("[tool.flake8-asyncio]\nblokcing = []\n")
    result = flake8(project, "-j2", ".")
    assert result.returncode == 1
    assert "flake8-asyncio: pyproject.toml: tool.flake8-asyncio.blokcing: there is no such option" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_a_mistake_in_a_folder_further_down_is_a_finding_there(project):
    (project / "part").mkdir()
    (project / "part" / "pyproject.toml").write_text("[tool.flake8-asyncio]\nblokcing = []\n")
    (project / "part" / "inner.py").write_text("x = 1\n")
    result = flake8(project, ".")
    complaint = "AIO000 part/pyproject.toml: tool.flake8-asyncio.blokcing: there is no such option"
    assert f"./part/inner.py:1:1: {complaint}" in result.stdout
    assert "./app.py:30:5: AIO410" in result.stdout
    assert result.stderr == ""


def test_the_nearest_table_holds(tmp_path):
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "packages" / "one"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.flake8-asyncio]\ncpu-ms = 10\n")
    (inner / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    tables = Tables()
    assert tables.of(inner).file == tmp_path / "pyproject.toml"
    assert tables.of(tmp_path.parent).file is None
    (inner / "pyproject.toml").write_text("[tool.flake8-asyncio]\ncpu-ms = 20\n")
    assert Tables().of(inner).values == {"cpu-ms": 20}


def test_a_table_above_the_repository_does_not_hold(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.flake8-asyncio]\ncpu-ms = 10\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert Tables().of(tmp_path / "repository").file is None


def test_lists_add_up_and_of_single_values_that_of_flake8_holds(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.flake8-asyncio]\nenable = ["AIO390"]\ncpu-ms = 10\n')
    given = {each.flag.lstrip("-").replace("-", "_"): "" for each in DECLARED if each.for_flake8}
    table = read_table(tmp_path / "pyproject.toml")
    options = read(argparse.Namespace(**{**given, "aio_enable": ["AIO4"]}), table)
    assert (options.enable, options.cpu_ms) == (("AIO4", "AIO390"), 10)
    assert read(argparse.Namespace(**{**given, "aio_cpu_ms": "70"}), table).cpu_ms == 70


@pytest.mark.parametrize("option", [each for each in DECLARED if each.for_pyproject], ids=lambda each: each.name)
def test_the_example_of_an_option_is_right(option, tmp_path):
    for name in tomllib.loads(f"x = {option.example}")["x"] if option.form in (Form.FILES, Form.FOLDERS) else ():
        (tmp_path / name).touch()
    (tmp_path / "pyproject.toml").write_text(f"[tool.flake8-asyncio]\n{option.name} = {option.example}\n")
    table = read_table(tmp_path / "pyproject.toml")
    assert table is not None
    assert set(table.values) == {option.name}


def test_the_page_and_the_schema_are_those_of_the_table():
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page()
    assert reference.SCHEMA.read_text(encoding="utf-8") == reference.schema()


@pytest.mark.everyday
def test_the_schema_takes_what_is_right_and_rejects_what_is_wrong(tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(reference.schema())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    right = tomllib.loads(TABLE)["tool"]["flake8-asyncio"]
    assert not list(validator.iter_errors(right))
    for line, _ in WRONG:
        if "none.toml" in line or "reason" in line:  # the disk and the knowledge know better
            continue
        assert list(validator.iter_errors(tomllib.loads(line))), line
    for option in DECLARED:
        if option.for_pyproject:
            assert not list(validator.iter_errors(tomllib.loads(f"{option.name} = {option.example}")))


@pytest.mark.parametrize("content", [b"[tool.flake8-asyncio]\nenable = [\n", b"[tool.flake8-asyncio]\n# \xff\n"])
def test_a_file_that_is_no_toml_is_said(tmp_path, content):
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(BadOption, match="no TOML"):
        read_table(tmp_path / "pyproject.toml")


def test_a_file_without_a_table_is_none_of_ours(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"[broken\n")
    assert read_table(tmp_path / "pyproject.toml") is None
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\ndependencies = ['flake8-asyncio']\n")
    assert read_table(tmp_path / "pyproject.toml") is None


def test_a_wrong_table_is_an_error_in_the_api(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool]\nflake8-asyncio = 3\n")
    with pytest.raises(BadOption, match="expected a table"):
        read_table(tmp_path / "pyproject.toml")

"""The hooks for pre-commit, run by pre-commit, and notebooks, run by nbqa."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from process import clean_environment

ROOT = Path(__file__).parent.parent
STORE = "import time\n\n\ndef load():\n    time.sleep(1)\n"
FAST = "def load():\n    return 1\n"
APP = "import asyncio\nimport time\n\nfrom store import load\n\n\nasync def main():\n    load()\n    time.sleep(1)\n"

IN_CELLS = [
    "feeds.ipynb:cell_2:2:5: AIO401",
    "feeds.ipynb:cell_3:2:1: AIO103",
    "feeds.ipynb:cell_5:1:1: AIO201",
]

pytestmark = pytest.mark.everyday


def run(folder, *command, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env={**clean_environment(), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=500,
    )


def git(folder, *arguments):
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false")
    result = run(folder, "git", *identity, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """A function that runs a hook of this repository, as it stands here, in another one.

    `pre-commit try-repo` makes an environment each time; otherwise there is one for all.
    """
    pytest.importorskip("pre_commit")
    repository = tmp_path_factory.mktemp("hooks")
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, repository / name)
    git(repository, "init", "-q")
    git(repository, "add", "--force", ".")
    git(repository, "commit", "-q", "-m", "All of it")
    home = tmp_path_factory.mktemp("home")
    both = "".join(f"      - id: {name}\n" for name in ("flake8-asyncio", "flake8-asyncio-fix"))
    revision = git(repository, "rev-parse", "HEAD").strip()
    configuration = home / "hooks.yaml"
    configuration.write_text(f"repos:\n  - repo: {repository}\n    rev: {revision}\n    hooks:\n{both}")

    def hook(folder, name, *, is_tried=False):
        way = ("try-repo", str(repository), name) if is_tried else ("run", f"--config={configuration}", name)
        return run(
            folder,
            *(sys.executable, "-m", "pre_commit", *way, "--color=never"),
            PRE_COMMIT_HOME=str(home),
            FLAKE8_ASYNCIO_CACHE="",
        )

    return hook


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "store.py").write_text(FAST)
    (tmp_path / "app.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    return tmp_path


def found(result):
    return [line.partition(" `")[0] for line in result.stdout.splitlines() if ": AIO" in line]


def test_the_hook_lints_what_is_staged(hooks, repository):
    (repository / "app.py").write_text(APP)
    git(repository, "add", "app.py")
    result = hooks(repository, "flake8-asyncio", is_tried=True)
    assert result.returncode == 1, result.stdout + result.stderr
    assert found(result) == ["app.py:9:5: AIO401"]


def test_the_hook_reads_other_files_as_they_are_staged(hooks, repository):
    """What is not staged is put aside while hooks run: the dependency that blocks is not what would be committed."""
    (repository / "app.py").write_text(APP)
    git(repository, "add", "app.py")
    (repository / "app.py").write_text("# not staged\n" + APP)
    (repository / "store.py").write_text(STORE)
    assert found(hooks(repository, "flake8-asyncio")) == ["app.py:9:5: AIO401"]
    assert (repository / "app.py").read_text() == "# not staged\n" + APP
    git(repository, "add", "store.py")
    assert found(hooks(repository, "flake8-asyncio")) == ["app.py:8:5: AIO410", "app.py:9:5: AIO401"]


def test_the_hook_passes_when_nothing_is_found(hooks, repository):
    (repository / "app.py").write_text("import asyncio\n\n\nasync def main():\n    await asyncio.sleep(1)\n")
    git(repository, "add", "app.py")
    result = hooks(repository, "flake8-asyncio")
    assert result.returncode == 0, result.stdout


def test_the_fixing_hook_fixes_what_is_staged_and_keeps_the_rest(hooks, repository):
    (repository / "app.py").write_text(APP)
    git(repository, "add", "app.py")
    (repository / "store.py").write_text("# not staged\n" + FAST)
    result = hooks(repository, "flake8-asyncio-fix", is_tried=True)
    assert result.returncode == 1
    assert "files were modified by this hook" in result.stdout
    assert (repository / "app.py").read_text() == APP.replace("    time.sleep", "    await asyncio.sleep")
    assert (repository / "store.py").read_text() == "# not staged\n" + FAST
    git(repository, "add", "app.py")
    assert hooks(repository, "flake8-asyncio-fix").returncode == 0


@pytest.fixture
def notebook(tmp_path):
    pytest.importorskip("nbqa")
    cells = [
        ["# Feeds\n", "\n", "How *late* they are."],
        ["%matplotlib inline\n", "import asyncio\n", "import time\n", "!echo ready"],
        ["async def fetch(feed):\n", "    time.sleep(1)\n", "    return feed"],
        ["%%time\n", "asyncio.run(fetch('a'))"],
        ["await fetch('b')"],
        ["fetch('c')"],
    ]
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "cells": [
            {"cell_type": "markdown", "id": "0", "metadata": {}, "source": cells[0]},
            *(
                {"cell_type": "code", "id": str(number), "execution_count": number, "metadata": {}, "outputs": [],
                 "source": source}
                for number, source in enumerate(cells[1:], start=1)
            ),
        ],
    }  # fmt: skip
    path = tmp_path / "feeds.ipynb"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path


def nbqa(notebook, *command):
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return run(notebook.parent, sys.executable, "-m", "nbqa", *command, PATH=scripts, FLAKE8_ASYNCIO_CACHE="")


def test_flake8_lints_the_cells_of_a_notebook(notebook):
    result = nbqa(notebook, "flake8", notebook.name, "--select=AIO")
    assert found(result) == IN_CELLS, result.stderr


def test_the_command_lints_the_cells_of_a_notebook(notebook):
    result = nbqa(notebook, "--nbqa-shell", "flake8-asyncio check", notebook.name)
    assert found(result) == IN_CELLS, result.stderr


def test_the_command_fixes_the_cells_of_a_notebook(notebook):
    result = nbqa(notebook, "--nbqa-shell", "flake8-asyncio fix", notebook.name)
    assert found(result) == IN_CELLS[2:], result.stderr
    sources = ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
    assert sources[2] == "async def fetch(feed):\n    await asyncio.sleep(1)\n    return feed"
    assert sources[3] == "%%time\nawait fetch('a')"
    assert sources[1].startswith("%matplotlib inline\nimport asyncio")

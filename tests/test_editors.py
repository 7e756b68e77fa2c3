"""Editors show what stands in them: by flake8 in a language server, by our own plugin for it, and as VS Code does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from language_client import Client, changed
from process import clean_environment

STORE = "import time\n\n\ndef load():\n    time.sleep(1)\n"
FAST = "def load():\n    return 1\n"
APP = "import asyncio\nfrom store import load\n\n\nasync def main():\n    load()\n    asyncio.sleep(1)\n"

needs_server = pytest.mark.everyday


@pytest.fixture
def project(tmp_path):
    pytest.importorskip("pylsp")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "store.py").write_text(STORE)
    (tmp_path / "app.py").write_text("x = 1\n")
    return tmp_path


def lines(diagnostics):
    return [(each["range"]["start"]["line"] + 1, each["code"]) for each in diagnostics]


@needs_server
def test_flake8_in_a_language_server_lints_what_is_in_the_editor(project):
    (project / ".flake8").write_text("[flake8]\nselect = AIO\n")
    with Client(project, {"flake8": {"enabled": True}}) as client:
        assert lines(client.open("app.py", APP)) == [(6, "AIO410"), (7, "AIO201")]
        assert lines(client.change("app.py", "# one line more\n" + APP)) == [(7, "AIO410"), (8, "AIO201")]
        mended = APP.replace("    asyncio.sleep", "    await asyncio.sleep")
        client.change("app.py", mended)
        assert lines(client.save("app.py", mended)) == [(6, "AIO410")]
        (project / "store.py").write_text(FAST)
        assert lines(client.save("app.py", mended)) == []


@needs_server
def test_our_plugin_for_the_server_has_ranges_links_and_the_chain(project):
    with Client(project, {}) as client:
        chain, dropped = client.open("app.py", APP)
    assert chain["range"] == {"start": {"line": 5, "character": 4}, "end": {"line": 5, "character": 10}}
    assert chain["codeDescription"]["href"].endswith("/rules/AIO410.html")
    (hop,) = chain["relatedInformation"]
    assert hop["location"]["uri"] == (project / "store.py").as_uri()
    assert hop["location"]["range"]["start"] == {"line": 4, "character": 4}
    assert (dropped["code"], dropped["severity"]) == ("AIO201", 2)


@needs_server
def test_our_plugin_for_the_server_sees_other_files_change(project):
    with Client(project, {}) as client:
        assert lines(client.open("app.py", APP)) == [(6, "AIO410"), (7, "AIO201")]
        (project / "store.py").write_text(FAST)
        assert lines(client.change("app.py", APP)) == [(7, "AIO201")]


@needs_server
def test_a_fix_is_a_code_action(project):
    text = 'import asyncio\n\n\nasync def main():\n    "é😀"; asyncio.sleep(1)\n'
    with Client(project, {}) as client:
        (found,) = client.open("app.py", text)
        assert found["range"]["start"] == {"line": 4, "character": 11}
        (action,) = [each for each in client.actions("app.py", 4) if "AIO201" in each["title"]]
        assert (action["title"], action["kind"]) == ("Add `await` (AIO201)", "quickfix")
        (edits,) = action["edit"]["changes"].values()
        mended = changed(text, edits)
        assert mended == text.replace("asyncio.sleep", "await asyncio.sleep")
        assert client.change("app.py", mended) == []
        assert not [each for each in client.actions("app.py", 4) if "AIO" in each["title"]]


@needs_server
def test_a_code_action_brings_its_import(project):
    text = '"""A page."""\n\nimport time\n\n\nasync def main():\n    time.sleep(1)\n'
    with Client(project, {}) as client:
        client.open("app.py", text)
        (action,) = [each for each in client.actions("app.py", 6) if "AIO401" in each["title"]]
        (edits,) = action["edit"]["changes"].values()
        assert action["isPreferred"]
        assert changed(text, edits) == (
            '"""A page."""\n\nimport asyncio\nimport time\n\n\nasync def main():\n    await asyncio.sleep(1)\n'
        )


@needs_server
def test_the_settings_of_the_workspace_hold(project):
    (project / "setup.cfg").write_text("[flake8]\nper-file-ignores = app.py: AIO410\n")
    with Client(project, {}) as client:
        assert lines(client.open("app.py", APP)) == [(7, "AIO201")]
        silenced = APP.replace("sleep(1)\n", "sleep(1)  # noqa: AIO201\n")
        assert client.change("app.py", silenced) == []
        (project / "pyproject.toml").write_text("[tool.flake8-asyncio]\nblokcing = []\n")
        (mistake,) = client.change("app.py", APP)
        assert "did you mean `blocking`?" in mistake["message"]


@needs_server
def test_where_flake8_runs_already_nothing_is_said_twice(project):
    (project / ".flake8").write_text("[flake8]\nselect = AIO\n")
    with Client(project, {"flake8": {"enabled": True}}) as client:
        assert lines(client.open("app.py", APP)) == [(6, "AIO410"), (7, "AIO201")]
        assert [each["title"] for each in client.actions("app.py", 6)] == ["Add `await` (AIO201)"]


def test_many_runs_in_one_process_see_files_change_between_them(tmp_path):
    """As the extension of VS Code runs flake8: again and again, in a process that stays."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app.py").write_text(APP)
    program = tmp_path / "extension.py"
    program.write_text(
        "import contextlib, io, runpy, sys\n"
        "from pathlib import Path\n"
        "def lint():\n"
        "    options = ['--isolated', '--select=AIO', '--aio-no-cache', '--format=%(row)d,%(code)s']\n"
        "    sys.argv = ['flake8', *options, 'app.py']\n"
        "    output = io.TextIOWrapper(io.BytesIO(), write_through=True)\n"
        "    with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):\n"
        "        runpy.run_module('flake8', run_name='__main__')\n"
        "    return output.buffer.getvalue().decode().split()\n"
        f"for text in ({STORE!r}, {FAST!r}, {STORE!r}):\n"
        "    Path('store.py').write_text(text)\n"
        "    print(*lint(), flush=True)\n"
        "Path('pyproject.toml').write_text('[tool.flake8-asyncio]\\nsafe = [\"store.load\"]\\n')\n"
        "print(*lint(), flush=True)\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", str(program)],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.stderr == ""
    assert result.stdout.splitlines() == ["6,AIO410 7,AIO201", "7,AIO201", "6,AIO410 7,AIO201", "7,AIO201"]

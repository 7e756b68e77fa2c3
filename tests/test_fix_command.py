"""`flake8-asyncio fix` and `flake8 --format=aio-fix` change what they should in files of all kinds, and no more."""

from __future__ import annotations

import codecs
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.fix import disk
from flake8_asyncio.fix.edits import NotFixed
from process import clean_environment

APP = """\
import asyncio
import time


async def fetch():
    time.sleep(1)


async def main():
    fetch()
"""
SAFE = APP.replace("    time", "    await asyncio")
UNSAFE = SAFE.replace("    fetch()", "    await fetch()")
LOCAL = "[flake8]\nselect = AIO\n[flake8:local-plugins]\nreport =\n    aio-fix = flake8_asyncio.formatter:Fix\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def fix(capfdbinary):
    """Run `fix` in this process: its exit code and what it printed."""

    def run(*arguments):
        code = main(["fix", "-j1", *arguments])
        captured = capfdbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return run


def test_safe_fixes_are_made_and_the_rest_is_shown(project, fix):
    code, out, err = fix()
    assert (project / "app.py").read_text() == SAFE
    assert (code, out.partition(": ")[0]) == (1, "./app.py:10:5")
    assert err == "1 finding fixed in 1 file, 1 finding left (1 can be fixed with --unsafe)\n"


def test_nothing_is_left_after_all_fixes(project, fix):
    assert fix("--unsafe") == (0, "", "2 findings fixed in 1 file\n")
    assert (project / "app.py").read_text() == UNSAFE
    assert fix("--unsafe") == (0, "", "nothing to fix\n")


def test_a_diff_changes_no_file_and_can_be_applied(project, fix):
    code, out, err = fix("--diff", "--unsafe", "app.py")
    assert (project / "app.py").read_text() == APP
    assert (code, err) == (1, "2 findings would be fixed in 1 file\n")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "apply", "-"], cwd=project, input=out.encode(), check=True)
    assert (project / "app.py").read_text() == UNSAFE
    assert fix("--diff", "--unsafe", "app.py") == (0, "", "nothing to fix\n")


@pytest.mark.parametrize(
    ("configuration", "arguments"),
    [
        ("", ["--select=AIO2"]),
        ("", ["--ignore=AIO4"]),
        ("[flake8]\nextend-ignore = AIO401\n", []),
        ("[flake8]\nper-file-ignores = app.py:AIO401\n", []),
        ("[flake8]\nexclude = app.py\n", []),
        ("", ["--extend-exclude=app.py"]),
        ("[flake8]\nfilename = *.pyi\n", []),
    ],
)
def test_what_is_not_shown_is_not_fixed(project, fix, configuration, arguments):
    (project / ".flake8").write_text(configuration)
    fix(*arguments)
    assert (project / "app.py").read_text() == APP


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: AIO401", "# noqa: AIO4"])
def test_what_is_silenced_is_not_fixed(project, fix, comment):
    text = APP.replace("sleep(1)", f"sleep(1)  {comment}")
    (project / "app.py").write_text(text)
    fix()
    assert (project / "app.py").read_text() == text
    fix("--disable-noqa")
    assert (project / "app.py").read_text() == SAFE.replace("sleep(1)", f"sleep(1)  {comment}")


def test_a_file_that_flake8_leaves_out_is_not_fixed(project, fix):
    (project / "app.py").write_text("# flake8: noqa\n" + APP)
    assert fix() == (0, "", "nothing to fix\n")
    assert (project / "app.py").read_text() == "# flake8: noqa\n" + APP


def test_what_a_baseline_accepts_is_not_fixed(project, fix):
    assert main(["check", "-j1", "--write-baseline", "--baseline=accepted.json"]) == 0
    assert fix("--unsafe", "--aio-baseline=accepted.json")[:2] == (0, "")
    assert (project / "app.py").read_text() == APP


def test_a_baseline_that_is_not_there_accepts_nothing(project, fix):
    code, out, err = fix("--baseline=none.json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert (project / "app.py").read_text() == APP


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(APP.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(APP.replace("\n", "\r").encode(), id="cr"),
        pytest.param(APP.replace("main():\n", "main():\r\n").replace("asyncio\n", "asyncio\r").encode(), id="mixed"),
        pytest.param(codecs.BOM_UTF8 + APP.encode(), id="mark"),
        pytest.param(
            ("# -*- coding: latin-1 -*-\r\n# é\r\n" + APP.replace("\n", "\r\n")).encode("latin-1"), id="latin-1"
        ),
        pytest.param(("# coding: shift_jis\n# 時間\n" + APP).encode("shift_jis"), id="shift-jis"),
        pytest.param(APP.replace("\n\n\n", "\n\f\n\n").encode(), id="form-feed"),
        pytest.param(APP.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(APP.removesuffix("\n").encode(), id="no-last-newline"),
        pytest.param(APP.replace("\n\n\nasync", "  \n\n\n# \u2028 \x85 \x1c é\nasync").encode(), id="odd-characters"),
        pytest.param(APP.replace("    time", "    print('é'); time").encode(), id="columns"),
    ],
)
def test_bytes_that_are_not_fixed_stay(project, fix, content):
    (project / "app.py").write_bytes(content)
    fix("--unsafe")
    wanted = content.replace(b"time.sleep(", b"await asyncio.sleep(")
    head, _, tail = wanted.rpartition(b"fetch()")
    assert (project / "app.py").read_bytes() == head + b"await fetch()" + tail


def test_added_lines_end_as_the_others_do(project, fix):
    content = APP.replace("import asyncio\n", "").replace("\n", "\r\n").encode()
    (project / "app.py").write_bytes(content)
    fix("--unsafe")
    assert (project / "app.py").read_bytes() == UNSAFE.replace("\n", "\r\n").encode()


def test_a_large_file_is_fixed(project, fix):
    filler = "".join(f"def number_{number}():\n    return [{number}]\n" for number in range(10_000))
    (project / "app.py").write_text(filler + APP)
    assert fix("--unsafe")[0] == 0
    assert (project / "app.py").read_text() == filler + UNSAFE


def test_the_mode_stays_and_a_link_stays_a_link(project, fix):
    (project / "bin").mkdir()
    (project / "bin" / "tool").write_text(APP)
    (project / "bin" / "tool").chmod(0o750)
    (project / "app.py").unlink()
    (project / "app.py").symlink_to("bin/tool")
    assert fix("--unsafe", "app.py")[0] == 0
    assert (project / "app.py").is_symlink()
    assert (project / "bin" / "tool").read_text() == UNSAFE
    assert stat.S_IMODE((project / "bin" / "tool").stat().st_mode) == 0o750
    assert os.listdir(project / "bin") == ["tool"]


def test_a_file_with_two_names_stays_one_file(project, fix):
    os.link(project / "app.py", project / "same.py")
    assert fix("--unsafe", "app.py")[0] == 0
    assert (project / "same.py").read_text() == UNSAFE
    assert os.path.samefile(project / "app.py", project / "same.py")


@pytest.mark.parametrize("name", ["mkstemp", "chown"])
def test_a_file_is_written_over_where_a_new_one_is_not_allowed(project, fix, monkeypatch, name):
    def refuse(*arguments, **keywords):
        raise PermissionError(1, "not permitted")

    before = os.stat(project / "app.py").st_ino
    monkeypatch.setattr(f"{'tempfile' if name == 'mkstemp' else 'os'}.{name}", refuse)
    assert fix("--unsafe", "app.py")[0] == 0
    assert (project / "app.py").read_text() == UNSAFE
    assert (project / "app.py").stat().st_ino == before
    assert sorted(os.listdir(project)) == [".git", "app.py"]


def test_what_cannot_be_written_over_is_restored(project, monkeypatch):
    real = os.fsync

    def fail(handle):
        monkeypatch.setattr(os, "fsync", real)
        raise OSError(28, "No space left on device")

    os.link(project / "app.py", project / "same.py")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotFixed, match="it cannot be written: No space left on device"):
        disk.replace(project / "app.py", APP.encode(), UNSAFE.encode() * 3)
    assert (project / "same.py").read_text() == APP


def test_a_read_only_file_is_left_alone_with_a_word(project, fix):
    (project / "app.py").chmod(0o444)
    code, out, err = fix()
    assert (project / "app.py").read_text() == APP
    assert (code, [line.partition(": ")[0] for line in out.splitlines()]) == (2, ["./app.py:6:5", "./app.py:10:5"])
    assert err.startswith("./app.py: not fixed: it is read-only\n")
    assert err.endswith("\n2 findings left (1 can be fixed with --unsafe)\n")


def test_a_file_that_is_no_python_is_left_alone(project, fix):
    (project / "app.py").write_text(APP + "def (:\n")
    code, out, err = fix()
    assert (code, out.split(" ")[1], err) == (1, "E999", "1 finding left\n")


PAUSE = """\
import asyncio


async def pause():
    await asyncio.sleep(1)


async def load():
    pause()
"""
HUB = """\
import asyncio
import time

from store import load


class Hub:
    def __init__(self):
        self.items = {}

    def remove(self, name):
        del self.items[name]

    async def send(self):
        time.sleep(1)
        for item in self.items.values():
            await load()
"""


@pytest.mark.parametrize("jobs", ["-j1", "-j3"])
def test_a_file_is_fixed_once_more_if_what_is_fixed_elsewhere_matters_to_it(project, fix, jobs):
    """As long as `load` does not suspend, nobody can remove an item meanwhile."""
    (project / "store.py").write_text(PAUSE)
    (project / "hub.py").write_text(HUB)
    assert fix("--unsafe", jobs)[::2] == (0, "5 findings fixed in 3 files\n")
    assert (project / "app.py").read_text() == UNSAFE
    assert (project / "store.py").read_text() == PAUSE.replace("    pause()", "    await pause()")
    fixed = HUB.replace("    time", "    await asyncio").replace("self.items.values()", "list(self.items.values())")
    assert (project / "hub.py").read_text() == fixed
    assert fix("--unsafe", jobs)[::2] == (0, "nothing to fix\n")


LOCKED = """\
import asyncio
import threading

guard = threading.Lock()


async def keep(value):
    with guard:
        await asyncio.sleep(value)
"""
LOCKING = """\
from store import guard


async def count(items):
    with guard:
        return len(items)
"""


@pytest.mark.parametrize("jobs", ["-j1", "-j3"])
def test_a_file_where_nothing_was_found_follows_what_is_fixed_elsewhere(project, fix, jobs):
    (project / "store.py").write_text(LOCKED)
    (project / "hub.py").write_text(LOCKING)
    assert fix("--unsafe", jobs)[::2] == (0, "4 findings fixed in 3 files\n")
    fixed = LOCKED.replace("threading.Lock", "asyncio.Lock").replace("with", "async with")
    assert (project / "store.py").read_text() == fixed
    assert (project / "hub.py").read_text() == LOCKING.replace("with", "async with")
    assert fix("--unsafe", jobs)[::2] == (0, "nothing to fix\n")


def test_a_file_that_has_changed_is_not_written(project):
    with pytest.raises(NotFixed, match="it has changed since it was read"):
        disk.replace(project / "app.py", APP.encode() + b"#", b"")
    assert (project / "app.py").read_text() == APP
    assert sorted(os.listdir(project)) == [".git", "app.py"]


def test_an_interruption_leaves_the_old_file(project, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        disk.replace(project / "app.py", APP.encode(), b"")
    assert (project / "app.py").read_text() == APP
    assert sorted(os.listdir(project)) == [".git", "app.py"]


INTERRUPTED = """\
import os, signal, sys
from flake8_asyncio.command import main

real, written = os.replace, []

def replace(source, target):
    real(source, target)
    written.extend([target] if str(target).endswith(".py") else [])
    if len(written) == 5:
        os.kill(os.getpid(), signal.SIGINT)

os.replace = replace
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may have been told to ignore it
sys.exit(main(["fix", "-j2"]))
"""


def test_ctrl_c_leaves_no_half_written_file(project):
    """However far it has come, each file is as it was or as it should be."""
    for number in range(20):
        (project / f"app{number}.py").write_text(APP)
    process = subprocess.run(
        [sys.executable, "-P", "-c", INTERRUPTED],
        cwd=project,
        env={**clean_environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=300,
    )
    texts = [path.read_text() for path in project.glob("*.py")]
    assert sorted(texts) == sorted([SAFE] * 5 + [APP] * 16)
    assert sorted(path.name for path in project.iterdir() if path.suffix != ".py") == [".git"]
    assert (process.returncode, process.stderr) == (130, "flake8-asyncio: interrupted\n")


@pytest.mark.parametrize(("arguments", "wanted", "code"), [([], SAFE, 1), (["--unsafe"], UNSAFE, 0)])
def test_standard_input_goes_to_standard_output(project, fix, monkeypatch, arguments, wanted, code):
    content = APP.replace("\n", "\r\n").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert fix(*arguments, "-")[:2] == (code, wanted.replace("\n", "\r\n"))


def test_standard_input_that_is_excluded_goes_through(project, fix, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(APP.encode())))
    assert fix("--exclude=lib/*", "--stdin-display-name=lib/app.py", "-") == (0, APP, "nothing to fix\n")


def test_standard_input_that_is_no_python_goes_through(project, fix, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"def (:\r\n")))
    code, out, _ = fix("-")
    assert (code, out) == (2, "def (:\r\n")


def formatted(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (project / ".flake8").write_text(LOCAL)
    return subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--aio-no-cache", "--format=aio-fix", *arguments],
        cwd=project,
        env={**clean_environment(), "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
        capture_output=True,
        encoding="utf-8",
    )


def test_flake8_fixes_what_it_shows(project):
    (project / "more.py").write_text(APP.replace("sleep(1)", "sleep(1)  # noqa: AIO401"))
    result = formatted(project)
    assert (project / "app.py").read_text() == SAFE
    assert (project / "more.py").read_text() == APP.replace("sleep(1)", "sleep(1)  # noqa: AIO401")
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()] == ["./app.py:10:5", "./more.py:10:5"]
    assert (result.returncode, result.stderr) == (1, "")


def test_flake8_makes_unsafe_fixes_when_told(project):
    assert formatted(project, "--aio-unsafe-fixes").stdout == ""
    assert (project / "app.py").read_text() == UNSAFE


def test_flake8_shows_a_diff(project):
    result = formatted(project, "--aio-diff")
    assert (project / "app.py").read_text() == APP
    assert [line for line in result.stdout.splitlines() if line.startswith(("+", "-"))][2:] == [
        "-    time.sleep(1)",
        "+    await asyncio.sleep(1)",
    ]


def test_flake8_shows_what_others_find_where_it_stands_now(project):
    (project / "app.py").write_text(APP.replace("import asyncio\n", "").replace("fetch():", "fetch() :"))
    result = formatted(project, "--select=AIO401,E203")
    assert result.stdout == "./app.py:5:18: E203 whitespace before ':'\n"


def test_flake8_cannot_fix_standard_input(project):
    result = formatted(project, "-")
    assert "`flake8-asyncio fix -`" in result.stdout
    assert result.returncode == 1


def test_linting_never_imports_what_fixes(project):
    code = (
        "import sys\nfrom flake8.main.cli import main\nassert main(['-j1', '--select=AIO', 'app.py']) == 1\n"
        "from flake8_asyncio.command import main\nassert main(['check', '-j1', 'app.py']) == 1\n"
        "(open('clean.py', 'w').write('pass'), main(['fix', '-j1', 'clean.py']))\n"
        "sys.exit('libcst' in sys.modules)"
    )
    environment = {**clean_environment(), "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    result = subprocess.run([sys.executable, "-c", code], cwd=project, env=environment, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()

"""`flake8-asyncio check` finds what flake8 shows of us, and writes it in every form."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.command.formats import AS_TEXT, FORMATS
from flake8_asyncio.command.progress import Progress
from process import clean_environment

STORE = "import time\n\n\ndef load():\n    return read()\n\n\ndef read():\n    time.sleep(1)\n"
APP = """\
import asyncio
from store import load


async def serve():
    load()
    asyncio.sleep(1)


async def quiet():
    asyncio.sleep(1)  # noqa: AIO201
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    (tmp_path / ".git").mkdir()
    (tmp_path / "store.py").write_text(STORE)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def check(capsys):
    """Run `check` in this process: its exit code and what it printed."""

    def run(*arguments):
        try:
            code = main(["check", "-j1", *arguments])
        except SystemExit as error:
            code = error.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def found(text):
    return [line.partition(": ")[0] for line in text.splitlines()]


def test_the_text_is_that_of_flake8(project, check):
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--select=AIO", "-j1", "."],
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    code, out, err = check()
    assert (code, out, err) == (1, shown.stdout, "")
    assert found(out) == ["./app.py:6:5", "./app.py:7:5"]


def test_processes_make_no_difference(project, check):
    _, alone, _ = check()
    code, together, _ = check("-j2")
    assert (code, together) == (1, alone)


def test_nothing_found_is_success(project, check):
    assert check("store.py") == (0, "", "")


def test_an_opt_in_rule_that_is_selected_by_its_code_runs(project, check):
    (project / "app.py").write_text("import os\n\n\nasync def main():\n    return os.path.exists('x')\n")
    assert check("--select=AIO4") == (0, "", "")
    assert found(check("--select=AIO490")[1]) == ["./app.py:5:12"]


@pytest.mark.parametrize(
    ("configuration", "left"),
    [
        ("[flake8]\nextend-ignore = AIO410\n", ["./app.py:7:5"]),
        ("[flake8]\nper-file-ignores = app.py: AIO2\n", ["./app.py:6:5"]),
        ("[flake8]\nexclude = app.py\n", []),
        ("[flake8]\nselect = AIO4\n", ["./app.py:6:5"]),
        ("[flake8]\nselect = E,F,W\n", ["./app.py:6:5", "./app.py:7:5"]),
        ("[flake8]\ndisable-noqa = true\nselect = AIO2\n", ["./app.py:7:5", "./app.py:11:5"]),
    ],
)
def test_the_configuration_of_flake8_holds(project, check, configuration, left):
    (project / ".flake8").write_text(configuration)
    assert found(check()[1]) == left


def test_the_command_line_wins(project, check):
    (project / ".flake8").write_text("[flake8]\nselect = AIO4\n")
    assert found(check("--select=AIO2")[1]) == ["./app.py:7:5"]
    assert found(check("--select=AIO2", "--isolated", "--disable-noqa")[1]) == ["./app.py:7:5", "./app.py:11:5"]


def test_a_file_that_cannot_be_read_is_no_clean_file(project, check):
    (project / "app.py").write_text("def broken(:\n")
    code, out, _ = check("--select=AIO")
    assert (code, found(out)) == (1, ["./app.py:1:12"])
    assert "E999 SyntaxError" in out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_nobody_waits_for_a_pipe(project, check):
    os.mkfifo(project / "pipe.py")
    (project / "app.py").write_text(APP.replace("import asyncio\n", "import asyncio\nimport pipe\n"))
    code, out, _ = check()
    assert (code, found(out)[-1]) == (1, "./pipe.py:1:1")
    assert "E902" in out


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names of files are UTF-8 there")
@pytest.mark.parametrize("form", FORMATS)
def test_the_name_of_a_file_need_not_be_utf_8(project, capfdbinary, form):
    name = os.fsdecode(b"\xff.py")
    (project / name).write_text(APP)
    assert main(["check", "-j1", f"--format={form}"]) == 1
    out = capfdbinary.readouterr().out
    if form in AS_TEXT:
        assert b"\xff.py" in out
    else:
        assert name in json.dumps(json.loads(out), ensure_ascii=False) or b"%FF.py" in out
    assert main(["check", "-j1", "--write-baseline"]) == 0
    assert main(["check", "-j1", "--baseline=asyncio-baseline.json"]) == 0
    assert main(["fix", "-j1", "--unsafe", "--diff"]) == 1
    assert b"+++ b/\xff.py" in capfdbinary.readouterr().out


def test_standard_input_is_linted_under_the_name_that_it_is_given(project, check, monkeypatch):
    from flake8 import utils

    utils.stdin_get_value.cache_clear()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n" + APP.encode())))
    code, out, _ = check("--stdin-display-name=app.py", "-")
    assert (code, found(out)) == (1, ["app.py:7:5", "app.py:8:5"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "there is no file or folder nowhere"),
        (["--select=AIO999"], "--select: no rule has the code AIO999"),
        (["--ignore=E501"], "--ignore: no rule has the code E501"),
        (["--format=xml"], "argument --format: invalid choice: 'xml'"),
        (["--jobs=many"], "argument -j/--jobs: 'many' must be 'auto' or an integer."),
        (["--config=none.cfg"], "The specified config file does not exist: none.cfg"),
        (["--aio-enable=AIO4x"], "aio-enable: 'AIO4x' is not a code of ours"),
        (["--aio-enable=AIO9"], "aio-enable: no rule has the code AIO9"),
        (["--aio-roots=nowhere"], "aio-roots: there is no folder "),
        (["--per-file-ignores=app.py"], "Expected `per-file-ignores` to be a mapping"),
        (["--baseline=none.json"], "there is no file none.json"),
        ([""], "there is no file or folder ''"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_a_mistake_is_said_in_one_line(project, check, arguments, complaint):
    code, out, err = check(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_the_full_text_draws_the_chain(project, check):
    _, out, _ = check("--format=full", "--select=AIO410")
    assert out == (
        "./app.py:6:5: AIO410 `load → read → time.sleep` (store.py:9) blocks the event loop: it sleeps, and every "
        "other task with it\n"
        "  6 │     load()\n"
        "    │     ^^^^^^\n"
        "    ├─ store.py:5, in load: read\n"
        "  5 │     return read()\n"
        "    │            ^^^^^^\n"
        "    ╰─ store.py:9, in read: time.sleep\n"
        "  9 │     time.sleep(1)\n"
        "    │     ^^^^^^^^^^^^^\n"
        "    = `flake8-asyncio fix --unsafe` can mend this\n"
        "\n"
    )


def test_json_has_the_places_of_a_chain(project, check):
    chain, dropped = json.loads(check("--format=json")[1])
    assert (chain["code"], chain["name"], chain["filename"]) == ("AIO410", "blocking-chain", "app.py")
    assert chain["location"] == {"row": 6, "column": 5}
    assert chain["end_location"] == {"row": 6, "column": 11}
    assert [(each["filename"], each["location"]["row"], each["function"]) for each in chain["chain"]] == [
        ("store.py", 5, "load"),
        ("store.py", 9, "read"),
    ]
    assert dropped["function"] == "serve"
    place = {"row": 7, "column": 5}
    assert dropped["fix"] == {
        "applicability": "unsafe",
        "message": "Add `await`",
        "edits": [{"content": "await ", "location": place, "end_location": place}],
    }
    assert dropped["url"].endswith("/rules/AIO201.html")


def test_sarif_has_the_rules_and_the_flow(project, check):
    (run,) = json.loads(check("--format=sarif")[1])["runs"]
    chain = run["results"][0]
    rule = run["tool"]["driver"]["rules"][chain["ruleIndex"]]
    assert (rule["id"], rule["name"]) == ("AIO410", "BlockingChain")
    (flow,) = chain["codeFlows"][0]["threadFlows"]
    lines = [each["location"]["physicalLocation"]["region"]["startLine"] for each in flow["locations"]]
    assert lines == [6, 5, 9]
    assert len(chain["relatedLocations"]) == 2


@pytest.mark.parametrize("form", ["sarif", "json", "github", "gitlab", "rdjson"])
def test_reports_name_files_from_here(project, check, form):
    assert str(project / "app.py") in check("--format=text", str(project))[1]
    out = check(f"--format={form}", str(project))[1]
    assert "app.py" in out
    assert str(project / "app.py") not in out


def test_sarif_says_what_could_not_be_read(project, check):
    (project / "app.py").write_text("def broken(:\n")
    (run,) = json.loads(check("--format=sarif")[1])["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 1
    assert run["results"] == []


@pytest.mark.everyday
@pytest.mark.skipif(shutil.which("sarif-multitool") is None, reason="needs npm's @microsoft/sarif-multitool")
@pytest.mark.parametrize("rules", ["Sarif", "GHAS"])
def test_sarif_is_valid_by_the_tool_of_its_makers(project, check, rules):
    (project / "broken.py").write_text("def broken(:\n")
    check("--format=sarif", "--output-file=found.sarif")
    command = ["sarif-multitool", "validate", "found.sarif", "--rule-kind", rules, "--output", "judged.sarif"]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=300)
    (run,) = json.loads((project / "judged.sarif").read_text(encoding="utf-8-sig"))["runs"]
    assert run.get("results", []) == []


def test_github_gets_commands(project, check):
    first, _ = check("--format=github")[1].splitlines()
    assert first.startswith("::warning file=app.py,line=6,endLine=6,col=5,endColumn=11,title=AIO410 blocking-chain::")


def test_fingerprints_for_gitlab_survive_moved_lines(project, check):
    before = json.loads(check("--format=gitlab")[1])
    (project / "app.py").write_text("\n\n" + APP)
    after = json.loads(check("--format=gitlab")[1])
    assert [each["fingerprint"] for each in before] == [each["fingerprint"] for each in after]
    assert len({each["fingerprint"] for each in before}) == 2
    assert after[0]["location"] == {"path": "app.py", "lines": {"begin": 8}}


def test_rdjson_counts_bytes(project, check):
    (project / "app.py").write_text(
        'import asyncio\n\n\nasync def f():\n    "éé"; asyncio.sleep(1)\n', encoding="utf-8"
    )
    (diagnostic,) = json.loads(check("--format=rdjson")[1])["diagnostics"]
    start = {"line": 5, "column": 13}
    assert diagnostic["location"]["range"]["start"] == start
    assert diagnostic["suggestions"] == [{"range": {"start": start, "end": start}, "text": "await "}]


def test_rdjson_suggests_nothing_that_needs_an_import_as_well(project, check):
    (project / "app.py").write_text("import time\n\n\nasync def f():\n    time.sleep(1)\n")
    (diagnostic,) = json.loads(check("--format=rdjson")[1])["diagnostics"]
    assert diagnostic["code"]["value"] == "AIO401"
    assert "suggestions" not in diagnostic


def test_the_output_goes_into_a_file(project, check):
    assert check("--format=json", "--output-file=found.json") == (1, "", "")
    assert len(json.loads((project / "found.json").read_text(encoding="utf-8"))) == 2


def test_statistics_leave_what_programs_read_alone(project, check):
    _, out, _ = check("--statistics")
    assert out.splitlines()[-2].startswith("1 AIO201 ")
    _, out, err = check("--statistics", "--format=json")
    assert len(json.loads(out)) == 2
    assert err.splitlines()[-1].startswith("1 AIO410 ")


def test_a_baseline_survives_moved_lines_and_shows_what_is_new(project, check):
    assert check("--write-baseline")[0] == 0
    assert check("--baseline=asyncio-baseline.json") == (0, "", "")
    (project / "app.py").write_text("# moved\n" + APP)
    assert check("--baseline=asyncio-baseline.json")[0] == 0
    (project / "app.py").write_text("# moved\n" + APP + "\n\nasync def more():\n    asyncio.sleep(1)\n")
    code, out, _ = check("--baseline=asyncio-baseline.json")
    assert (code, found(out)) == (1, ["./app.py:16:5"])


def test_a_baseline_counts(project, check):
    check("--write-baseline", "--baseline=known.json")
    (project / "app.py").write_text(APP.replace("    asyncio.sleep(1)\n", "    asyncio.sleep(1)\n" * 2, 1))
    code, out, _ = check("--baseline=known.json")
    assert (code, found(out)) == (1, ["./app.py:8:5"])


def test_flake8_takes_the_baseline_too(project, check):
    check("--write-baseline")
    (project / "pyproject.toml").write_text('[tool.flake8-asyncio]\nbaseline = "asyncio-baseline.json"\n')
    (project / "app.py").write_text(APP + "\n\nasync def more():\n    asyncio.sleep(1)\n")
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "flake8", "--select=AIO", "-j2", "."],
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert found(shown.stdout) == ["./app.py:15:5"]
    assert found(check()[1]) == ["./app.py:15:5"]


ROW = '{"file": "app.py", "code": "AIO201", "function": "serve", "line": "asyncio.sleep(1)", "count": -1}'
DAMAGED = ["{}", "", "[]", "\0", '{"version": 1, "findings": 3}', f'{{"version": 1, "findings": [{ROW}]}}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_baseline_is_said(project, check, text):
    (project / "asyncio-baseline.json").write_text(text)
    code, _, err = check("--baseline=asyncio-baseline.json")
    assert code == 2
    assert "no baseline" in err


def test_a_baseline_that_cannot_be_written_stays(project, check, monkeypatch):
    def fail(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    check("--write-baseline", "--select=AIO4")
    before = (project / "asyncio-baseline.json").read_text()
    monkeypatch.setattr("pathlib.Path.write_text", fail)
    code, _, err = check("--write-baseline")
    assert (code, err.count("\n")) == (2, 1)
    assert "asyncio-baseline.json: cannot be written (No space left on device)" in err
    assert (project / "asyncio-baseline.json").read_text() == before


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_for_terminals_and_long_runs(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    for stream in (terminal := Terminal(), pipe := io.StringIO()):
        now[0] = 0.0
        with Progress(stream) as progress:
            progress.show("looking", 1, 4)
            now[0] = 2.0
            progress.show("looking", 2, 4)
    assert "looking: 2 of 4 files (50 %)" in terminal.getvalue()
    assert "1 of 4" not in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert pipe.getvalue() == ""

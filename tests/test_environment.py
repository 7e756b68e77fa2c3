"""The packages of the environment that a project runs in tell what no table knows, if the user names it."""

from __future__ import annotations

import pytest

from flake8_asyncio.command import main
from flake8_asyncio.project.environment import packages_in

WAREHOUSE = """\
import time
from warehouse.jobs import Job


class Client:
    def __init__(self, url: str) -> None:
        self.url = url

    async def submit(self, name: str) -> Job:
        return Job(name)

    def wait(self) -> None:
        time.sleep(1)
"""
JOBS = """\
class Job:
    def __init__(self, name: str) -> None:
        self.name = name

    async def cancel(self) -> bool:
        return True
"""
APP = """\
import asyncio
import requests
import warehouse


async def main(client: warehouse.Client) -> None:
    job = await client.submit("count")
    job.cancel()
    client.wait()
    print(requests.codes.ok)


asyncio.run(main(warehouse.Client("local")))
"""
FOUND = [("AIO201", 8), ("AIO410", 9)]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAKE8_ASYNCIO_CACHE", "")
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    packages = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    (packages / "warehouse").mkdir(parents=True)
    (packages / "warehouse" / "__init__.py").write_text(WAREHOUSE)
    (packages / "warehouse" / "jobs.py").write_text(JOBS)
    (packages.parents[2] / "bin").mkdir()
    (packages.parents[2] / "bin" / "python").touch()
    return packages.parents[2]


@pytest.fixture
def check(capsys):
    """What `check` finds, by code and line."""

    def run(*arguments):
        main(["check", "-j1", *arguments, "app.py"])
        lines = [line.split(":", 3) for line in capsys.readouterr().out.splitlines()]
        return [(text.split()[0], int(line)) for _, line, _, text in lines]

    return run


def test_packages_are_looked_into_when_the_environment_is_named(environment, check):
    assert check() == []
    assert check(f"--aio-python={environment}") == FOUND
    assert check(f"--aio-python={environment / 'bin' / 'python'}") == FOUND


def test_the_table_of_a_project_names_it_too(environment, check):
    (environment.parent / "pyproject.toml").write_text('[tool.flake8-asyncio]\npython = ".venv"\n')
    assert check() == FOUND
    assert check("--aio-no-pyproject") == []


def test_an_active_environment_changes_nothing(environment, check, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    assert check() == []


def test_what_the_project_has_itself_comes_first(environment, check):
    own = WAREHOUSE.replace("time.sleep(1)", "print(time.time())").replace("from warehouse.jobs", "from jobs")
    (environment.parent / "warehouse.py").write_text(own)
    (environment.parent / "jobs.py").write_text(JOBS)
    assert check(f"--aio-python={environment}") == FOUND[:1]


def test_what_our_tables_know_is_not_read(environment, check):
    package = packages_in(environment)[0]
    with open(f"{package}/requests.py", "w") as file:
        file.write("import time\n\n\ndef get(url):\n    return url\n")
    (environment.parent / "app.py").write_text("import requests\n\n\nasync def main():\n    requests.get('url')\n")
    assert check(f"--aio-python={environment}") == [("AIO402", 5)]


def test_a_wrong_environment_is_said_in_one_line(environment, capsys):
    assert main(["check", "--aio-python=nowhere", "app.py"]) == 2
    error = capsys.readouterr().err
    assert "aio-python: " in error
    assert "nowhere is no environment with packages, nor its interpreter" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "layout", ["lib/python3.13/site-packages", "lib64/python3.11/site-packages", "Lib/site-packages", "site-packages"]
)
def test_environments_of_every_kind_have_their_packages(tmp_path, layout):
    (tmp_path / layout).mkdir(parents=True)
    assert packages_in(tmp_path / layout) == (str(tmp_path / layout),)
    if "/" in layout:
        assert packages_in(tmp_path) == (str(tmp_path / layout),)


def test_two_names_of_one_folder_count_once(tmp_path):
    (tmp_path / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    (tmp_path / "lib64").symlink_to("lib")
    assert packages_in(tmp_path) == (str(tmp_path / "lib" / "python3.12" / "site-packages"),)

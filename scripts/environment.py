"""An environment of the project's own, made once and brought up to date when `pyproject.toml` changes.

Any Python 3 can run this, if only to look for one that is new enough.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
NEWEST = (3, 20)  # none is planned beyond; only a bound to look up to
STAMP = "flake8-asyncio.json"


def environment(folder, groups=()):
    """The Python of a virtual environment at `folder` that has the plugin and these dependency groups."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made = read_stamp(folder)
    wanted = {"root": str(ROOT), "project": fingerprint(), "groups": sorted({*groups, *made.get("groups", ())})}
    if made == wanted and works(python):
        return python
    if not works(python):
        print("making {} ...".format(shown(folder)), flush=True)
        subprocess.run([suitable_python(), "-m", "venv", "--clear", str(folder)], check=True)
    print("installing flake8-asyncio into {} ...".format(shown(folder)), flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if wanted["groups"]:  # which pip knows from 25.1 on
        subprocess.run([*pip, "install", "--upgrade", "pip>=25.1"], check=True)
    chosen = [each for group in wanted["groups"] for each in ("--group", group)]
    subprocess.run([*pip, "install", "--editable", ".", *chosen], cwd=str(ROOT), check=True)
    (folder / STAMP).write_text(json.dumps(wanted), encoding="utf-8")
    return python


def suitable_python():
    """A Python that is new enough and can make environments: this one, or else the newest one to be found."""
    for python in candidates():
        if is_suitable(python):
            return python
    sys.exit(
        "Python {}.{} or newer is needed, with its venv module (a package of its own on Debian and Ubuntu: "
        "python3-venv).".format(*OLDEST)
    )


def candidates():
    yield sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        yield shutil.which("python3.{}".format(minor))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        yield from (str(path) for path in sorted(pyenv.glob("3.{}.*/bin/python".format(minor)), reverse=True))


def is_suitable(python):
    if not python:
        return False
    check = "import ensurepip, sys, venv; sys.exit(sys.version_info < {})".format(OLDEST)
    return quietly([python, "-c", check])


def works(python):
    return python.exists() and quietly([str(python), "-m", "pip", "--version"])


def quietly(command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def read_stamp(folder):
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def fingerprint():
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()


def shown(folder):
    return folder.relative_to(ROOT) if ROOT in folder.parents else folder

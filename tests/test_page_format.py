"""The notation of the pages, as it is read."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import pages

PAGE = """
    # AIO401 blocking-sleep

    Why it matters.

    ## Wrong

    `web/feed.py`:

    ```python
    import time
    ```

    ```python
    import web.feed
    web.feed.fetch()  # AIO401, AIO410
    ```

    ```text
    late ... all
    ```

    Another one, with settings beside it.

    `settings.toml`:

    ```toml
    delay = 1
    ```

    ```python
    wait()  # AIO401
    ```

    ### Special

    ```python
    again()  # noqa: AIO401
    ```

    ## Fixed

    ```python
    wait()  # AIO401
    ```

    ```diff
    -wait()
    +await wait()
    ```

    ## Proof

    `clock.py`:

    ```python
    ticks = 1
    ```
"""


@pytest.fixture
def page(tmp_path: Path) -> pages.Page:
    path = tmp_path / "blocking_sleep.md"
    path.write_text(textwrap.dedent(PAGE).lstrip(), encoding="utf-8")
    return pages.read(path)


def test_a_page_has_a_code_a_name_and_sections(page: pages.Page) -> None:
    assert (page.code, page.name) == ("AIO401", "blocking-sleep")
    assert list(page.sections) == ["Wrong", "Fixed", "Proof"]


def test_files_before_an_output_are_one_example(page: pages.Page) -> None:
    first, second, third = page.sections["Wrong"]
    assert list(first.files) == ["web/feed.py", "main.py"]
    assert list(second.files) == ["settings.toml", "main.py"]
    assert third.marks == set()


def test_marks_end_their_line(page: pages.Page) -> None:
    example = page.sections["Wrong"][0]
    assert example.marks == {("main.py", 2, "AIO401"), ("main.py", 2, "AIO410")}
    assert pages.unmarked(example.files["main.py"]).endswith("web.feed.fetch()\n")


def test_diffs_belong_to_the_example_before(page: pages.Page) -> None:
    [example] = page.sections["Fixed"]
    assert example.diff == "-wait()\n+await wait()\n"


def test_proof_is_beside_every_example_without_a_main_file(page: pages.Page) -> None:
    assert "clock.py" not in page.runnable(page.sections["Wrong"][0]).files
    assert "clock.py" in page.runnable(pages.Example({"app.py": ""})).files


@pytest.mark.parametrize(
    ("wanted", "printed"),
    [
        ("late", "late\n"),
        ("late\nover", "late\nnoise\nover\n"),
        ("... took [...] s", "<Task> took [0.3] s\n"),
        ("", "anything\n"),
    ],
)
def test_output_is_as_shown(wanted: str, printed: str) -> None:
    assert pages.prints(wanted, printed)


@pytest.mark.parametrize(("wanted", "printed"), [("late", "later\n"), ("b\na", "a\nb\n"), ("a\na", "a\n")])
def test_output_is_not_as_shown(wanted: str, printed: str) -> None:
    assert not pages.prints(wanted, printed)

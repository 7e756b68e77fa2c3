"""Fixes of expressions and statements, in the places where they are hard: what is around them stays as it was."""

from __future__ import annotations

import textwrap

import pytest
from fixing import dropped, fixed, rewritten

FETCH = """\
import asyncio
import requests

async def fetch(*names, **more):
    return names

async def main(url):
"""


def body(text):
    return FETCH + textwrap.indent(textwrap.dedent(text).lstrip("\n"), "    ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fetch()", "await fetch()"),
        ("return fetch()[0]", "return (await fetch())[0]"),
        ("return fetch().name", "return (await fetch()).name"),
        ("return (fetch()).name", "return (await fetch()).name"),
        ("return (  # first\n    fetch()\n).name", "return (  # first\n    await fetch()\n).name"),
        ("return not fetch()", "return not await fetch()"),
        ("return 2 ** fetch()", "return 2 ** await fetch()"),
        ("return -len(fetch())", "return -len(await fetch())"),
        ('return f"{fetch()}"', 'return f"{await fetch()}"'),
        ("return [name for name in fetch()]", "return [name for name in await fetch()]"),
        ("return list(name for name in fetch())", "return list(name for name in await fetch())"),
        ("return {**requests.get(url).json()}", "return {**(await asyncio.to_thread(requests.get, url)).json()}"),
        ("requests.get(*url, timeout=1)", "await asyncio.to_thread(requests.get, *url, timeout=1)"),
        (
            "requests.get(name for name in url)",
            "await asyncio.to_thread(requests.get, (name for name in url))",
        ),
        (
            "requests.get(  # slow\n    url,  # where\n\n    timeout=1,\n)",
            "await asyncio.to_thread(  # slow\n    requests.get,\n    url,  # where\n\n    timeout=1,\n)",
        ),
        (
            "requests.get(requests.get(url).text)",
            "await asyncio.to_thread(requests.get, (await asyncio.to_thread(requests.get, url)).text)",
        ),
        (
            "session = requests.Session()\nsession \\\n    .get(url)",
            "session = requests.Session()\nawait asyncio.to_thread(session \\\n    .get, url)",
        ),
        ("asyncio.run(fetch(\n    1,\n))", "await fetch(\n    1,\n)"),
        ("asyncio.run((\n    fetch()\n))", "(\n    await fetch()\n)"),
        ("x = [asyncio.run(fetch())[0] for _ in url]", "x = [(await fetch())[0] for _ in url]"),
        ("'é', fetch().x, 'ü'", "'é', (await fetch()).x, 'ü'"),
        ("await (asyncio.sleep(\n    1,\n    loop=None\n))", "await (asyncio.sleep(\n    1\n))"),
    ],
)
def test_an_expression_keeps_what_is_around_it(tmp_path, before, after):
    text = fixed(tmp_path, body(before), codes=("AIO1", "AIO2", "AIO4"))
    assert text == body(after)
    compile(text, "main.py", "exec")


def test_a_finding_inside_another_is_fixed_with_it(tmp_path):
    text = body("return requests.get(fetch()['url']).json()")
    after = "return (await asyncio.to_thread(requests.get, (await fetch())['url'])).json()"
    assert fixed(tmp_path, text) == body(after)


def test_a_generator_does_not_become_an_asynchronous_one(tmp_path):
    text = body("return sum(requests.get(name) for name in url)")
    assert dropped(tmp_path, text) == ["an `await` would make an asynchronous generator of what is around it"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return await (fetch() or fetch())", "return await fetch() or await fetch()"),
        ("return await (fetch() or fetch() or url())", "return await fetch() or await fetch() or await url()"),
        ("return not await (fetch() or url())", "return not (await fetch() or await url())"),
        ("return await (\n    fetch()\n    or url()\n)", "return (\n    await fetch()\n    or await url()\n)"),
    ],
)
def test_what_is_chosen_before_it_is_awaited_is_awaited_before(tmp_path, before, after):
    assert fixed(tmp_path, body(before), codes=("AIO203",)) == body(after)


def test_no_comment_is_lost(tmp_path):
    assert dropped(tmp_path, body("asyncio.run(  # now\n    fetch()\n)")) == ["a comment would be lost"]


def test_a_fix_that_brings_another_finding_is_dropped(tmp_path):
    text = """\
        import asyncio
        import threading

        class Store:
            def __init__(self):
                self.lock = threading.Lock()

            async def save(self):
                await asyncio.sleep(1)

            async def close(self):
                with self.lock:
                    self.save()
        """
    assert dropped(tmp_path, text, codes=("AIO2",)) == ["AIO306 would be found then, at line 12"]


def test_a_race_that_a_forgotten_await_has_hidden_is_shown(tmp_path):
    text = """\
        import asyncio

        class Meter:
            def __init__(self):
                self.total = 0

            async def read(self):
                await asyncio.sleep(1)
                return [1]

            async def add(self):
                total = self.total
                values = self.read()
                self.total = total + values[0]
        """
    result = rewritten(tmp_path, textwrap.dedent(text).encode())
    assert "values = await self.read()" in result.content.decode()
    assert [each.code for each in result.left] == ["AIO302"]


def test_other_fixes_are_made_beside_one_that_is_dropped(tmp_path):
    text = body(
        "print(fetch().x)\nsum(requests.get(name) for name in url)\nfetch()\nasyncio.run(  # now\n    fetch()\n)"
    )
    result = rewritten(tmp_path, text.encode())
    wanted = text.replace("print(fetch()", "print((await fetch())").replace("\n    fetch()", "\n    await fetch()", 1)
    assert result.content.decode() == wanted
    assert [(judged.finding.span.line, judged.code) for judged, _ in result.dropped] == [(9, "AIO402"), (11, "AIO101")]


def test_a_call_behind_one_that_was_reported_for_both_is_fixed_too(tmp_path):
    text = """\
        import asyncio
        import time

        def wait():
            time.sleep(1)

        async def main():
            return wait() or wait(), wait()
        """
    assert fixed(tmp_path, text).endswith(
        "    return await asyncio.to_thread(wait) or await asyncio.to_thread(wait), await asyncio.to_thread(wait)\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '"""Text."""\nfrom __future__ import annotations\n\nimport json\nimport time\n',
            '"""Text."""\nfrom __future__ import annotations\n\nimport asyncio\nimport json\nimport time\n',
        ),
        ("import abc\nimport time\n", "import abc\nimport asyncio\nimport time\n"),
        ("import array\n\nfrom time import sleep\n", "import array\nimport asyncio\n\nfrom time import sleep\n"),
        (
            "#!/usr/bin/python\n# Text.\nfrom time import sleep\n",
            "#!/usr/bin/python\n# Text.\nimport asyncio\nfrom time import sleep\n",
        ),
        ("import requests\nfrom time import sleep\n", "import asyncio\n\nimport requests\nfrom time import sleep\n"),
        ("import asyncio as aio, time\n", "import asyncio as aio, time\n"),
        ("import time\nfrom asyncio import sleep as pause\n", "import time\nfrom asyncio import sleep as pause\n"),
        ("import time\nimport asyncio.events\n", "import time\nimport asyncio.events\n"),
        (
            "import time\ntry:\n    import asyncio\nexcept ImportError:\n    print()\n",
            "import time\ntry:\n    import asyncio\nexcept ImportError:\n    print()\n",
        ),
        (
            "import time\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import asyncio\n",
            "import asyncio\nimport time\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import asyncio\n",
        ),
    ],
)
def test_an_import_is_added_only_where_it_is_needed(tmp_path, before, after):
    head = before + "\nasync def main():\n    " + ("sleep" if "from time" in before else "time.sleep") + "(1)\n"
    text = fixed(tmp_path, head)
    assert text.partition("\nasync def")[0] == after.removesuffix("\n") + "\n"
    name = "aio.sleep" if "as aio" in after else "pause" if "as pause" in after else "asyncio.sleep"
    assert text.endswith(f"    await {name}(1)\n")


def test_an_import_is_added_to_a_file_without_any(tmp_path):
    text = '"""Text."""\n\nasync def main():\n    print(input())\n'
    assert fixed(tmp_path, text).startswith('"""Text."""\n\nimport asyncio\n\nasync def main():\n')
    assert fixed(tmp_path, text.partition("\n\n")[2]).startswith("import asyncio\n\nasync def main():\n")


def test_an_import_in_the_function_is_used(tmp_path):
    text = """\
        import time

        async def main():
            import asyncio as loops
            time.sleep(1)

        async def other():
            time.sleep(1)
            import asyncio
        """
    result = rewritten(tmp_path, textwrap.dedent(text).encode())
    assert result.content.decode() == textwrap.dedent(text).replace("time.sleep(1)", "await loops.sleep(1)", 1)
    assert [reason for _, reason in result.dropped] == ["`asyncio` is another name there"]


@pytest.mark.parametrize("name", ["asyncio", "(lambda asyncio: 1)"])
def test_a_name_that_means_something_else_is_not_used(tmp_path, name):
    text = f"import time\n\nasync def main({'asyncio' if name == 'asyncio' else 'other'}):\n    time.sleep(1)\n"
    result = rewritten(tmp_path, text.encode())
    assert ("await asyncio.sleep(1)" in result.content.decode()) == (name != "asyncio")


def test_a_task_is_kept_under_a_name_that_is_free(tmp_path):
    text = """\
        import asyncio

        async def tick(task):
            print("tick")

        async def main(task):
            if task:
                asyncio.create_task(tick(task))  # now
            _ = asyncio.create_task(
                tick(task)
            )
            lost = asyncio.create_task(tick(task))
            if task: asyncio.create_task(tick(task))
            await asyncio.sleep(1)
        """
    result = rewritten(tmp_path, textwrap.dedent(text).encode())
    assert result.content.decode() == textwrap.dedent("""\
        import asyncio

        background_tasks: set[object] = set()

        async def tick(task):
            print("tick")

        async def main(task):
            if task:
                task_2 = asyncio.create_task(tick(task))  # now
                background_tasks.add(task_2)
                task_2.add_done_callback(background_tasks.discard)
            task_2 = asyncio.create_task(
                tick(task)
            )
            background_tasks.add(task_2)
            task_2.add_done_callback(background_tasks.discard)
            lost = asyncio.create_task(tick(task))
            background_tasks.add(lost)
            lost.add_done_callback(background_tasks.discard)
            if task: asyncio.create_task(tick(task))
            await asyncio.sleep(1)
        """)
    assert [reason for _, reason in result.dropped] == ["its statement shares a line with another"]


@pytest.mark.parametrize(
    "need", ["asyncio.get_running_loop()", "asyncio.create_task(self.work())", "self.done.set_result(1)", "self.loop()"]
)
def test_what_needs_the_loop_does_not_go_to_a_thread(tmp_path, need):
    text = f"""\
        import asyncio
        import time

        class Store:
            def __init__(self, done: asyncio.Future):
                self.done = done

            def loop(self):
                return asyncio.get_running_loop()

            async def work(self):
                await asyncio.sleep(1)

            def load(self):
                time.sleep(1)
                task = {need}
                print(task)

            async def main(self):
                self.load()
        """
    assert dropped(tmp_path, text, codes=("AIO410",)) == []
    assert "await asyncio.to_thread(self.load)" in fixed(tmp_path, text.replace(need, "1"), codes=("AIO410",))


def test_fixing_twice_changes_nothing(tmp_path):
    text = fixed(tmp_path, body("fetch()\nrequests.get(url).json()\nasyncio.create_task(fetch())"))
    assert fixed(tmp_path, text) == text


def test_safe_fixes_alone_are_made_unless_more_is_asked_for(tmp_path):
    text = body("fetch()\nreturn asyncio.get_event_loop()")
    assert fixed(tmp_path, text, unsafe=False) == body("fetch()\nreturn asyncio.get_running_loop()")


def test_a_lock_is_held_by_with_and_strings_stay(tmp_path):
    text = """\
        import asyncio

        lock = asyncio.Lock()

        async def main(pages):
            await lock.acquire()

            # all of them
            for page in pages:
                await asyncio.sleep(1)
                print(f\'\'\'
        {page}
            \'\'\', (
                    page))
            lock.release()  # at last
            print("done")
        """
    reason = "a comment would be lost"
    assert dropped(tmp_path, text, codes=("AIO313",)) == [reason]
    assert fixed(tmp_path, text.replace("  # at last", ""), codes=("AIO313",)) == textwrap.dedent("""\
        import asyncio

        lock = asyncio.Lock()

        async def main(pages):
            async with lock:

                # all of them
                for page in pages:
                    await asyncio.sleep(1)
                    print(f\'\'\'
        {page}
            \'\'\', (
                        page))
            print("done")
        """)


def test_a_lock_that_is_released_early_as_well_stays(tmp_path):
    text = """\
        import asyncio

        lock = asyncio.Lock()

        async def main(pages):
            await lock.acquire()
            await asyncio.sleep(1)
            if not pages:
                lock.release()
                return
            lock.release()
        """
    assert dropped(tmp_path, text, codes=("AIO313",)) == ["the lock is released in another way"]


@pytest.mark.parametrize("use", ["self.lock.locked()", "print(self.lock)", "self.lock = None"])
def test_a_thread_lock_that_is_used_otherwise_stays(tmp_path, use):
    text = f"""\
        import asyncio
        import threading

        class Store:
            def __init__(self):
                self.lock = threading.Lock()

            async def save(self):
                with self.lock:
                    await asyncio.sleep(1)

            async def close(self):
                {use}
        """
    assert dropped(tmp_path, text, codes=("AIO306",)) == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "self.total += await self.read() if self.total else 0",
            "it is not evaluated every time that its statement runs",
        ),
        ("pass; self.total += await self.read()", "its statement shares a line with another"),
    ],
)
def test_an_await_stays_where_it_may_not_run(tmp_path, statement, reason):
    text = f"""\
        import asyncio

        class Meter:
            def __init__(self):
                self.total = 0

            async def read(self):
                await asyncio.sleep(0)
                return 1

            async def add(self):
                {statement}
        """
    assert dropped(tmp_path, text, codes=("AIO302",)) == [reason]

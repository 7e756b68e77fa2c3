"""The claims of the article that the project started from: each wrong form is found, each right form is silent."""

from __future__ import annotations

import pytest

from linting import lint_text

CLAIMS = {
    "asyncio.run in a coroutine": (
        "AIO101",
        """
        import asyncio

        async def work(): ...

        async def main():
            asyncio.run(work())
        """,
        """
        import asyncio

        async def work(): ...

        async def main():
            await work()
            task = asyncio.create_task(work())
            await task

        if __name__ == "__main__":
            asyncio.run(main())
        """,
    ),
    "asyncio.run in a FastAPI handler": (
        "AIO101",
        """
        import asyncio
        from fastapi import FastAPI

        app = FastAPI()

        async def work(): ...

        @app.get("/")
        async def index():
            return asyncio.run(work())
        """,
        """
        import asyncio
        from fastapi import FastAPI

        app = FastAPI()

        async def work(): ...

        @app.get("/")
        async def index():
            return await work()

        @app.get("/sync")
        def in_a_thread():
            return asyncio.run(work())
        """,
    ),
    "asyncio.run in a callback": (
        "AIO101",
        """
        import asyncio

        async def work(): ...

        def callback():
            asyncio.run(work())

        async def main():
            asyncio.get_running_loop().call_soon(callback)
        """,
        """
        import asyncio

        async def work(): ...

        async def main():
            tasks = set()

            def callback():
                tasks.add(asyncio.create_task(work()))

            asyncio.get_running_loop().call_soon(callback)
        """,
    ),
    "asyncio.run through a plain function": (
        "AIO102",
        """
        import asyncio

        async def work(): ...

        def helper():
            return asyncio.run(work())

        async def main():
            helper()
        """,
        """
        import asyncio

        async def work(): ...

        def helper():
            return asyncio.run(work())

        async def main():
            await asyncio.to_thread(helper)

        if __name__ == "__main__":
            helper()
        """,
    ),
    "asyncio.run in a notebook": (
        "AIO103",
        """
        import asyncio

        async def main(): ...

        await main()
        asyncio.run(main())
        """,
        """
        import asyncio

        async def main(): ...

        await main()
        """,
    ),
    "run_until_complete is no way out": (
        "AIO101",
        """
        import asyncio

        async def work(): ...

        async def main():
            asyncio.get_event_loop().run_until_complete(work())
        """,
        """
        import asyncio

        async def work(): ...

        async def main():
            loop = asyncio.get_running_loop()
            await loop.create_task(work())
        """,
    ),
    "a coroutine that is dropped": (
        "AIO201",
        """
        import asyncio

        async def main():
            asyncio.sleep(1)
        """,
        """
        import asyncio

        async def main():
            await asyncio.sleep(1)
        """,
    ),
    "a coroutine that is printed": (
        "AIO204",
        """
        async def fetch():
            return {}

        async def main():
            print(fetch())
        """,
        """
        async def fetch():
            return {}

        async def main():
            print(await fetch())
        """,
    ),
    "a coroutine that is used as its value": (
        "AIO204",
        """
        async def fetch():
            return {}

        async def main():
            data = fetch()
            return data["a"]
        """,
        """
        async def fetch():
            return {}

        async def main():
            data = await fetch()
            return data["a"]
        """,
    ),
    "a coroutine that is tested": (
        "AIO203",
        """
        async def fetch():
            return {}

        async def main():
            if fetch():
                return 1
        """,
        """
        async def fetch():
            return {}

        async def main():
            if await fetch():
                return 1
        """,
    ),
    "a plain function that is awaited": (
        "AIO208",
        """
        def plain():
            return 1

        async def main():
            await plain()
        """,
        """
        def plain():
            return 1

        async def main():
            plain()
        """,
    ),
    "aiohttp's names": (
        "AIO204",
        """
        import aiohttp

        async def main(url):
            async with aiohttp.ClientSession() as session:
                async with session.get(url) as response:
                    text = response.text()
                    return text.upper()
        """,
        """
        import aiohttp

        async def main(url):
            async with aiohttp.ClientSession() as session:
                async with session.get(url) as response:
                    data = await response.json()
                response = await session.get(url)
                return data, await response.text()
        """,
    ),
    "a read and a write with an await between": (
        "AIO302",
        """
        import asyncio

        total = 0

        async def add(page):
            global total
            current = total
            await asyncio.sleep(0)
            total = current + 1
        """,
        """
        import asyncio

        total = 0
        lock = asyncio.Lock()

        async def add(page):
            global total
            async with lock:
                current = total
                await asyncio.sleep(0)
                total = current + 1

        async def fetch(page): ...

        async def collect(pages):
            return await asyncio.gather(*(fetch(page) for page in pages))
        """,
    ),
    "a threading lock": (
        "AIO306",
        """
        import asyncio
        import threading

        lock = threading.Lock()

        async def work():
            with lock:
                await asyncio.sleep(1)
        """,
        """
        import asyncio

        lock = asyncio.Lock()

        async def work():
            async with lock:
                await asyncio.sleep(1)
        """,
    ),
    "a plain with on an asyncio lock": (
        "AIO210",
        """
        import asyncio

        lock = asyncio.Lock()

        async def work():
            with lock:
                await asyncio.sleep(1)
        """,
        """
        import asyncio

        queue = asyncio.Queue()

        async def work():
            await queue.put(1)
        """,
    ),
    "a loop that computes": (
        "AIO408",
        """
        async def main():
            total = 0
            for i in range(10**7):
                total += i
            return total
        """,
        """
        import asyncio

        def compute():
            total = 0
            for i in range(10**7):
                total += i
            return total

        async def main():
            await asyncio.get_running_loop().run_in_executor(None, compute)
            return await asyncio.to_thread(compute)
        """,
    ),
    "a loop that computes in a function": (
        "AIO408",
        """
        def compute():
            total = 0
            for i in range(10**7):
                total += i
            return total

        async def main():
            return compute()
        """,
        """
        def compute():
            return sum(range(100))

        async def main():
            return compute()
        """,
    ),
    "a blocking call": (
        "AIO401",
        """
        import time

        async def main():
            time.sleep(1)
        """,
        """
        import asyncio
        import time

        async def main():
            await asyncio.sleep(1)
            await asyncio.to_thread(time.sleep, 1)
        """,
    ),
    "a blocking call three calls away": (
        "AIO410",
        """
        import requests

        def first():
            return second()

        def second():
            return third()

        def third():
            return requests.get("http://localhost")

        async def main():
            return first()
        """,
        """
        import asyncio
        import requests

        def first():
            return second()

        def second():
            return requests.get("http://localhost")

        async def main():
            return await asyncio.to_thread(first)
        """,
    ),
    "a call where a function is wanted": (
        "AIO213",
        """
        import asyncio

        def compute():
            return 1

        async def main():
            await asyncio.get_running_loop().run_in_executor(None, compute())
        """,
        """
        import asyncio

        def compute():
            return 1

        async def main():
            await asyncio.get_running_loop().run_in_executor(None, compute)
        """,
    ),
    "any unlocked mutation, in the strict reading": (
        "AIO390",
        """
        results = []

        async def fetch(url): ...

        async def collect(url):
            results.append(await fetch(url))
        """,
        """
        import asyncio

        results = []
        lock = asyncio.Lock()

        async def fetch(url): ...

        async def collect(url):
            result = await fetch(url)
            async with lock:
                results.append(result)
        """,
    ),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_wrong_form_is_found(claim, tmp_path):
    code, wrong, _ = CLAIMS[claim]
    assert code in lint_text(tmp_path, wrong, enable=(code,) if code[4] == "9" else ())


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_right_form_is_silent(claim, tmp_path):
    code, _, right = CLAIMS[claim]
    assert lint_text(tmp_path, right, enable=(code,) if code[4] == "9" else ()) == []

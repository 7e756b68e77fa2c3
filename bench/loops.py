"""Measure what the nodes of a loop's body weigh, and how well the estimate of AIO408 does.

    python bench/loops.py [--repeat N]

It first times one loop for each kind of node, with the node and without, and prints the difference beside the weight in
`flake8_asyncio.cost.loops`. Then it runs whole loops, and prints how long each took and how long it was estimated to.
Minima of several runs in thread time count: what else the machine does only ever adds.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import time
from pathlib import Path

from flake8_asyncio.cost.loops import WEIGHTS
from flake8_asyncio.facts.extract import extract
from flake8_asyncio.syntax.source import Source, parse

TRIPS = 200_000
SETUP = "a = 3; b = 4; items = [1, 2, 3]; x = 0\ndef f(): pass\nclass C: n = 1\nc = C()\n"
NODES = {
    ast.AugAssign: ("x += a", "x; a"),
    ast.Assign: ("x = a", "a"),
    ast.BinOp: ("a + b", "a; b"),
    ast.UnaryOp: ("-a", "a"),
    ast.Compare: ("a < b", "a; b"),
    ast.Subscript: ("items[1]", "items; 1"),
    ast.Attribute: ("c.n", "c"),
    ast.Call: ("f()", "f"),
    ast.JoinedStr: ("f'{a}'", "a"),
    ast.Dict: ("{a: b}", "a; b"),
    ast.List: ("[a, b]", "a; b"),
    ast.Tuple: ("(a, b)", "a; b"),
    ast.If: ("if a: pass", "a"),
}
LOOPS = (
    "for i in range(3_000_000):\n    pass",
    "s = 0\nfor i in range(2_000_000):\n    s += i",
    "c = 0\nfor i in range(2_000_000):\n    if i % 3 == 0:\n        c += 1",
    "def f(): pass\nfor i in range(1_000_000):\n    f()",
    "r = []\nfor i in range(1_000_000):\n    r.append(i * i)",
    "d = {}\nfor i in range(500_000):\n    d[i] = i",
    "for i in range(500_000):\n    t = f'{i}'",
    "import math\nfor i in range(500_000):\n    x = math.sqrt(i) * math.sin(i)",
    "s = 0\nfor i in range(1500):\n    for j in range(1500):\n        s += 1",
    "i = 0\nwhile i < 2_000_000:\n    i += 1",
    "x = sum(range(5_000_000))",
    "x = list(range(3_000_000))",
    "x = [i * i for i in range(1_000_000)]",
    "x = max(i % 7 for i in range(1_000_000))",
    "x = {i: i for i in range(500_000)}",
)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    print("node          measured  weight (ns)")
    for kind, (body, without) in NODES.items():
        measured = (timed(looped(body), repeat) - timed(looped(without), repeat)) / TRIPS
        print(f"{kind.__name__:12}  {measured:8.1f}  {WEIGHTS[kind]:6}")
    print("\nestimate   took (ms)  ratio  loop")
    ratios = []
    for text in LOOPS:
        source = parse(Path("loop.py"), "loop", text.encode())
        took, estimated = timed(text, repeat) / 1e6, estimate(source)
        ratios.append(estimated / took)
        print(f"{estimated:8.0f}  {took:9.1f}  {ratios[-1]:5.2f}  {text.splitlines()[-1].strip()}")
    print(f"\nestimate / took: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


def looped(body: str) -> str:
    """A loop around a body."""
    return f"{SETUP}for i in range({TRIPS}):\n    {body}\n"


def timed(text: str, repeat: int) -> float:
    """The nanoseconds that a text takes to run inside a function, at best."""
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    namespace: dict[str, object] = {}
    exec(compile(f"def run():\n{indented}", "loop.py", "exec"), namespace)
    run = namespace["run"]
    assert callable(run)
    best = float("inf")
    for _ in range(repeat):
        start = time.thread_time_ns()
        run()
        best = min(best, time.thread_time_ns() - start)
    return best


def estimate(source: Source) -> int:
    """The milliseconds that the loops of a file are estimated to take."""
    return sum(loop.milliseconds for function in extract(source).functions.values() for loop in function.loops)


if __name__ == "__main__":
    main()

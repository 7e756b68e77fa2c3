"""Forward data flow: what holds on entry to each block, as the least fixpoint of an analysis over a graph."""

from __future__ import annotations

import heapq
from typing import Protocol, TypeVar

from flake8_asyncio.syntax.graph import Block, Edge, Graph

State = TypeVar("State")

_VISITS = 30  # per block on average; a lattice of finite height takes far fewer


class Analysis(Protocol[State]):
    """A lattice and what blocks and edges do to its values; states that were handed out are never changed."""

    def transfer(self, block: Block, state: State) -> State:
        """What holds after the block if `state` holds before it."""

    def follow(self, edge: Edge, state: State) -> State | None:
        """What holds when the edge was taken; None if it cannot be."""

    def join(self, known: State, new: State) -> State:
        """What holds if either does; `known` itself if `new` adds nothing."""


class NoFixpoint(Exception):
    """The analysis goes on changing, or takes too long."""


def forward(graph: Graph, start: State, analysis: Analysis[State]) -> dict[int, State]:
    """What holds on entry to each reachable block, by block index.

    Blocks are visited in reverse postorder, so a body without loops is visited once. An exceptional edge carries the
    state before its block.
    """
    order = graph.order()
    rank = {block.index: position for position, block in enumerate(order)}
    states: dict[int, State] = {graph.entry.index: start}
    pending = [0]
    queued = {0}
    budget = _VISITS * len(order)
    while pending:
        position = heapq.heappop(pending)
        queued.discard(position)
        budget -= 1
        if budget < 0:
            raise NoFixpoint
        block = order[position]
        before = states[block.index]
        after = analysis.transfer(block, before)
        for edge in block.edges:
            state = analysis.follow(edge, before if edge.is_exceptional else after)
            if state is None:
                continue
            index = edge.target.index
            known = states.get(index)
            joined = state if known is None else analysis.join(known, state)
            if joined is known:
                continue
            states[index] = joined
            if rank[index] not in queued:
                queued.add(rank[index])
                heapq.heappush(pending, rank[index])
    return states

"""What loops cost: how often they run, as far as the source says, and how long a body of theirs takes."""

from flake8_asyncio.cost.constants import Number, computed, fold
from flake8_asyncio.cost.growth import Growth, growing, lasting, recursion
from flake8_asyncio.cost.loops import Heavy, consumed, heavy
from flake8_asyncio.cost.quadratic import quadratic
from flake8_asyncio.cost.spinning import Spin, spin
from flake8_asyncio.cost.trips import Trips

__all__ = [
    "Growth", "Heavy", "Number", "Spin", "Trips", "computed", "consumed", "fold", "growing", "heavy", "lasting",
    "quadratic", "recursion", "spin",
]  # fmt: skip

"""Our own open benchmark: simulated segments and nights, what is asked about them, and the true answers."""

from evals.glossa_bench.card import CARD
from evals.glossa_bench.make import load, make
from evals.glossa_bench.pictures import picture

__all__ = ["CARD", "load", "make", "picture"]

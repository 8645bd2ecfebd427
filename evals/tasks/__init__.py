"""Benchmarks: one module each, with a card and a function that loads its items."""

"""How good it is: benchmarks and what they are scored by."""

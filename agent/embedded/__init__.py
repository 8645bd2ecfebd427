"""The embedded brain: deterministic, offline, and held to the same graph and checks as any other."""

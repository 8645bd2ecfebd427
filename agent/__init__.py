"""What follows from signal and rules: the graph, its tools, its brains, and what may be said."""

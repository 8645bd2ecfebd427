"""Systems under test: the assistant, a bare model, the bare tools, and controls that know nothing of the signal."""

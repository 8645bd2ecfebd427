"""How the embedded brain reads a question: times, places, phenomena, options, acts, follow-ups."""

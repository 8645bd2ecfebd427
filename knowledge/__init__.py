"""What the books say: rules with their sources, and how to find them."""

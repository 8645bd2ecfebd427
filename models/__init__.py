"""What is learned, and the simulator whose truth is known."""

"""States and transitions of everything that a move touches, as data; pure functions from state and event to state."""

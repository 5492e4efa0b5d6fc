"""What if: a page on this machine where a planner moves uptake, desks, shifts and preparation, and reads the answer."""

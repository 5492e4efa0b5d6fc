"""A page for people at each server's root: what it is, its queues, what happened last, faults, defects."""

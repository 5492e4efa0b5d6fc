"""Who moves when, and what they do: a scenario becomes households as columns."""

"""What the generator of the load test costs, and how honest its latencies are."""

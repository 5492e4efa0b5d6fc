"""The pressure: arrivals of the scenario on the fake systems, and a verdict that can be trusted."""

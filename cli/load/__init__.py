"""`hikkoshi load`: launch-day pressure on the fake systems, and a verdict."""

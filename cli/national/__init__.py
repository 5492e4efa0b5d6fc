"""`hikkoshi study national`: the command, its run folder, its answer on one screen and as JSON."""

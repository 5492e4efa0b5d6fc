"""From a replication's log to tidy tables: waiting, citizens' hours, staff hours, systems."""

"""The whole country in one model: every municipality with counters and a back office, one portal, one relay."""

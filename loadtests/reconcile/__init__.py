"""Reconciliation: what the clients sent against what the servers say, by sorted merge in bounded memory."""

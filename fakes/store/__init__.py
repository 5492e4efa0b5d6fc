"""The store of one server: append-only event log, projections, idempotency and audit chain, in one transaction a batch.

`Store.submit` takes a unit of work to the one writer; its answer comes back after the COMMIT.
"""

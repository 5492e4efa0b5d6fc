"""The store of one server: append-only event log, projections, idempotency and audit chain, in one transaction a batch.

`Store.submit` takes a unit of work to the one writer; its answer comes back after the COMMIT. With SQLite the batch is
decided in the event loop and committed in the writer's thread; a database that has to be waited for is all its own.
"""

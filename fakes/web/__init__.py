"""A call on its way through a server: from bytes to a checked message, to a handler, to the store, and back.

`Core.handle` knows no framework; `asgi` is the thin layer that uvicorn calls.
"""

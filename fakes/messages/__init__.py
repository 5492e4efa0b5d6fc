"""The message types of every interface, declared once: what comes in, what goes out, and what is refused and how.

JSON, forms, checks, OpenAPI documents and the load tests' expectations all follow from these types.
"""

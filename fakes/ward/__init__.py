"""The ward: the systems of several municipalities, each with its own staff, client certificate and data."""

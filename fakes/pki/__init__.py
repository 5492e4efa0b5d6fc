"""Certificates of the fakes: card holders (as the public service for individuals, JPKI, issues them), and TLS peers.

Everything is plainly a test: subjects say TEST, policies are the service's test policy or of a private arc.
"""

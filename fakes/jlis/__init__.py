"""J-LIS: the relay of applications to municipalities, the resident network, and the status of cards and certificates.

A pure server: the portal and the wards call it, it calls nobody.
"""

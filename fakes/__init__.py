"""The fake systems as real servers: the portal (ぴったりサービス), J-LIS and the ward.

They bind loopback only, and hold synthetic data only.
"""

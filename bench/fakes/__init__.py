"""How fast the fake systems are: one process on one core, the load on another, a bare echo beside it."""

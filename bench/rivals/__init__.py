"""The same two models written for other simulators, each as its own users would write it."""

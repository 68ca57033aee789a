"""Turns: watch, queue, reconcile, write, come back later. Knows no kind of resource."""

"""Judges: is a Stage well? One file per kind of health check."""

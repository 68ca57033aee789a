"""Measures: what Argosy takes, next to a baseline taken in the same run. Nothing here is a test."""

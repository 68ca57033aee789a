"""Talks: one file per outside system or program. No decisions about promotions; raises typed errors."""

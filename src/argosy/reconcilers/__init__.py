"""Moves: one file per kind. Read, ask the rules, return the changes; the runtime writes them."""

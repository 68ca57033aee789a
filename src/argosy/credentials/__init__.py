"""Unlocks: who may log in where. Secrets are read here and handed to clients, never logged."""

"""Looks: discovers artifacts in Git and registries through shared mirrors and indexes."""

"""Descriptions: what a person needs to know about a resource, one file per kind that has more to tell than others."""

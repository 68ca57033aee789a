"""Keeps: resources, with the semantics of the Kubernetes API, in one of several places."""

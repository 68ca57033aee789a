"""Serves: the Kubernetes resource protocol over HTTPS. Errors become answers in one place."""

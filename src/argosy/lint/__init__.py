"""Warns: what is wrong in manifests, found without a server. Pure; the files are read by the command.

One file per noun: each gets the manifests and yields findings. Rules are documented in docs/reference/lint.md.
"""

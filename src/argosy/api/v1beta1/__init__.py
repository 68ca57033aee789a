"""Kargo's HTTP API: one file per noun, each a router; `app` puts them together.

A route reads the request, asks the store or a decision, and answers. It asks for no rights: the store does.
"""

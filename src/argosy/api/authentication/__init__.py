"""Knows who asks: a file for each kind of bearer token, and one that tries them in order. Rights are asked above."""

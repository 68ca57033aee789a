"""Asks: the command line. A command is the file of its name."""

"""The demo: a whole pipeline on one machine, with a Git repository and a registry of its own."""

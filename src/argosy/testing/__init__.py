"""Plays: fakes, servers, failpoints and clocks for our tests and for authors of plug-ins."""

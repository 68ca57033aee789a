"""Decides: pure functions of what was read plus the time. No I/O; the same input always gives the same answer."""

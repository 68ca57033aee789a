"""Runs: a promotion, one step per call, journalled so that it can resume after any crash."""

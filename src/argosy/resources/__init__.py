"""Names: typed data, one file per kind. No I/O, no decisions; what a kind looks like is said here once."""

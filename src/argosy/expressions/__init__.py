"""Reads: the `${{ }}` language. Lexer, parser, evaluator, functions; knows nothing of Argosy and does no I/O."""

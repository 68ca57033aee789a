"""The history of the schema: one file per change, never edited after a release."""

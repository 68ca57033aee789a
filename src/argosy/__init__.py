"""Argosy: continuous promotion for GitOps.

The package holds rooms, one per verb; a file in a room is one noun. Nothing but the version lives here.
"""

__version__ = "0.1.0"

"""A real OpenID Connect provider for tests: `oidc-provider` of npm on loopback, where everybody is signed in at once."""

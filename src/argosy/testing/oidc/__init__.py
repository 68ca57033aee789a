"""A real OpenID Connect provider for tests: `oidc-provider` of npm on loopback; it signs everybody in at once."""

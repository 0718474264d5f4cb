"""The services that host repositories: comments on pull requests, and checks of commits."""

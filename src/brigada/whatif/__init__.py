"""What if: the service's own last weeks, played again with other teams, posts, norms or rules."""

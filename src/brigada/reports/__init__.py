"""How the service worked over a period."""

"""PostgreSQL 16, Redis and a TLS certificate for one machine that has none of its own.

Use `brigada.embedded.stack.Stack`; the other modules are its parts.
"""

"""Accounts, sessions, keys: who is it, and what may they do."""

"""Callers and crews made up: a living demo through the public API, and the policy benchmark."""

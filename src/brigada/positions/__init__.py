"""Fixes of cars: in, latest, out."""

"""Brigada: the automated control system for the teams of an ambulance service."""

__version__ = "0.1.0"

"""Stations where teams wait, hospitals where patients go."""

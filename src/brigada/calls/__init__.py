"""Calls and patients: intake, changes, lists, history."""

"""Discrete-event simulator of an ambulance service, to measure who should be sent to which call.

It calls the optimiser of `brigada.dispatch.optimiser`, the same object that the live service calls.
"""

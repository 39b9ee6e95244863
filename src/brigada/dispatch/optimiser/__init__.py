"""Whom to send, as pure functions: numbers in, a plan with its reasons out.

No framework, no ORM, no clock is imported here: the live service, the simulator and the benchmark call the
very
same functions, so a figure measured by the benchmark is a figure of what the service does.
"""

"""The service at any past second: calls, teams and tracks of a stretch of time, and what the log says of it."""

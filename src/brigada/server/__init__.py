"""The processes of a running service: one supervisor, and API processes that share its socket."""

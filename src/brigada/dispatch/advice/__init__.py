"""Live advice: the joint plan for all open calls, proposals to divert, where to wait, and what is covered."""

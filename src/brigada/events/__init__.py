"""The durable log: what happened, numbered without gaps, written in the transaction that made it happen."""

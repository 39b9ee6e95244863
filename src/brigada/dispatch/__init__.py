"""Who goes to which call: assignments, advice and their explanation."""

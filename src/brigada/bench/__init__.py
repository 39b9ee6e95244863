"""`brigada bench`: the service measured against its goals, on a server that it starts itself."""

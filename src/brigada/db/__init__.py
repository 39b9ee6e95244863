"""The database: engines, sessions for reading and for writing, and the unit of work, which alone commits."""

"""A service of real processes, people who use it, and their screens; for tests of races, sockets and faults."""

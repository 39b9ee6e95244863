"""The living city: callers, crews and a dispatcher who use the service as people do, by its API and sockets alone."""

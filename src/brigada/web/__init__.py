"""The console: static pages served at `/`, working through the public API and the socket alone."""

"""`python -m brigada` is the command `brigada`."""

from brigada.cli import app

app()

"""Property tests here are judged by their answers; a shared machine may be slow at any moment."""

from hypothesis import settings

settings.register_profile("dispatch", deadline=None, derandomize=True)
settings.load_profile("dispatch")

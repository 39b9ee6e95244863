"""The key by which the API knows the callers and crews of the demo."""

KEY_VARIABLE = "BRIGADA_FEEDER_KEY"
"""The variable by which it is handed to them."""

CALLERS_SECRET = "demo_feeder_key"  # noqa: S105 -- the name of the file that holds it

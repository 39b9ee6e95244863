"""Cars and where they were last seen."""

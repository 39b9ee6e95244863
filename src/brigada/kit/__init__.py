"""Small tools without business: clock, geometry, text, pagination. Imports no area."""

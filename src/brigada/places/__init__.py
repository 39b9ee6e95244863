"""What browsers ask of the region: addresses, the base map, where it lies."""

"""Regions: an OpenStreetMap extract becomes a road graph, an address index and a base map."""

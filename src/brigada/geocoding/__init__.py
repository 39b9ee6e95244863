"""Addresses: what a dispatcher types becomes a place, and a place becomes an address."""

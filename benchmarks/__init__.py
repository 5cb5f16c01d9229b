"""Measurements of the engine; `make bench` runs them."""

"""Tests of the port to the platform, for every adapter there is."""

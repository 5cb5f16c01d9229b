"""Credentials: what an award becomes for everybody who does not know this platform."""

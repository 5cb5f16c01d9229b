"""Stackable microcredentials for Open edX: earned from course results, across courses."""

__version__ = "0.1.0"

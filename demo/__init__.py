"""A small site that stands in for an Open edX LMS and Studio, with the plugin in it."""

from demo.celery import APP

__all__ = ["APP"]

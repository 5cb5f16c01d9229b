"""The site of the learner's pages."""

from tests.learner.conftest import ada, host, someone, visitor

__all__ = ["ada", "host", "someone", "visitor"]

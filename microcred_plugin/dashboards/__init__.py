"""
What stands on the platform's own dashboards and course pages, put there by filters and plugins.

It is shown in the platform's requests, so nothing here evaluates, raises, or costs more than a few
indexed queries.
"""

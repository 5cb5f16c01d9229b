"""
For the staff of the site: where a learner stands and why, and whether everything works.

It looks, and records nothing. Whatever is to be changed is changed by a command.
"""

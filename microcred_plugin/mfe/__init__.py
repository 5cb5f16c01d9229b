"""
What micro-frontends and Tutor need: cards for Learner Home and for Studio, and what puts them in
place.

Nothing here runs in the LMS or in Studio, and nothing imports Django: an operator's Tutor loads
`tutor_plugin` from wherever this package is installed, with or without what the rest depends on.
"""

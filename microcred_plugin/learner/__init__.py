"""
The learner's pages: what they hold, where they stand, what can be earned.

`views` answers requests; the modules beside it read what a page shows, each one page. Nothing is
recorded by looking at a page.
"""

"""What the tests of the pages for the site's staff have in common."""

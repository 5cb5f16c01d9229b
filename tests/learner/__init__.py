"""What the tests of the learner's pages have in common."""

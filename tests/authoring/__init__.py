"""Who may agree that a course counts, and what comes of it."""

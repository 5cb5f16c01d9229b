"""What the pages of every surface have in common: their frame, their policy, how they fail."""

"""What Studio's pages do for authors and instructors."""

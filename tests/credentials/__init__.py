"""The tests of what is signed, and of whether it holds."""

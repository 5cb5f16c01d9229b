"""Grades and certificates: in the platform, only the LMS has them."""

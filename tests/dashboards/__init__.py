"""Tests of what stands on the platform's own dashboards and course pages."""

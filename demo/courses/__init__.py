"""Course runs, enrollments and user profiles: in the platform, the LMS and Studio have them."""

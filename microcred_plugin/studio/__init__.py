"""Studio: authors define microcredentials, instructors attach their courses. Mounted in the CMS."""

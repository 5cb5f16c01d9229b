"""Where the pages are: `lms` is mounted at `microcredentials/` by the plugin loader."""

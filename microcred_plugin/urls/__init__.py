"""Where the pages are: `lms` and `cms` are mounted at `microcredentials/` by the plugin loader."""

"""The plugin's settings: `common` has every default, `lms` and `cms` put them in place."""

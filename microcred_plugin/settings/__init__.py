"""The plugin's settings: `common` has every default, `production` reads the operator's own."""

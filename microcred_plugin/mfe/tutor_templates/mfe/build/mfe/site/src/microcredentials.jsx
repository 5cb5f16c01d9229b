{{ microcredentials_module }}

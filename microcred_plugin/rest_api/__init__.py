"""
The REST API below `/microcredentials/api/v1/`: what dashboards and micro-frontends ask for.

It is read only, and shows a reader what the pages show. `urls/api.py` has its addresses.
"""

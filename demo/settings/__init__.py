"""The demo's settings: `lms` and `cms` are two services on one database, as in the platform."""

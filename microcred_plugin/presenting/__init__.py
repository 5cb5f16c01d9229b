"""
What a reader is shown, and what is kept from them: the same on the pages as in the API.

Each module reads one thing with a fixed number of queries, as frozen dataclasses with their texts
in the reader's language. Nothing here knows of HTML or JSON.
"""

"""A platform without anybody in it."""

from typing import Any


class Host:
    """Answers every question with nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_kwargs: {}

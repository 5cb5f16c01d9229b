"""What the demo says beside the real openedx-events."""

from django.dispatch import Signal

# As the platform's signal of the same name: sent with `user`, by plain `send`, inside a
# transaction. A receiver that raises makes the retirement pipeline try again.
USER_RETIRE_LMS_MISC = Signal()

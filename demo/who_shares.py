"""Who of the demo's learners shares what. Nothing of Django, for those who take pictures of it."""

from __future__ import annotations

# Who has a public profile, with all that they have earned.
KIRI = "kiri_tw"
# A learner and the slug of their award: what was revoked, what has run out, and what is declined.
REVOKED = ("ana_conceicao", "visual-analytics")
EXPIRED = ("zofia_w", "safe-at-work")
DECLINED = ("li_wei", "statistics-for-decisions")
SHARING = (KIRI, REVOKED[0], EXPIRED[0])

"""Every page that there is, each in its states, with who looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.who_shares import DECLINED, EXPIRED, KIRI, REVOKED
from tests.browser.site import STAFF, Site

# Learners whom `more_learners` adds: in no course, with one badge, and with 300.
NOBODY, ONE, HUNDREDS = "nobody", "one", "hundreds"
# Who teaches DL101 and ST201, and the two that `more_learners` adds.
TEACHER = "ingrid_solheim"
# Who writes for NordU and is its admin, and who only reads.
AUTHOR, VIEWER = "ragnhild_moen", "tove_lind"
# What has a draft beside its published version.
DRAFTED = "data-analyst"
# A course whose learners and microcredentials have long names; one that counts towards nothing.
LONG_NAMES, NOTHING = "course-v1:Atlas+LongNames+2026", "course-v1:Atlas+Nothing+2026"
# A microcredential that has two versions; `hundreds` holds the first.
TWICE = "reading-maps"
# One with a word that is wider than a phone, and one with a title in Arabic.
LONG, ARABIC = "a-long-word", "in-arabic"
# One of which each award is approved by a person; `hundreds` waits for it.
APPROVED = "waiting-for-approval"

HOME = "/microcredentials/"
CATALOG = "/microcredentials/catalog/"
STATISTICS = "/microcredentials/course/course-v1:NordU+ST201+2026_Spring/"
LEARNERS = "/microcredentials/instructor/course-v1:NordU+DL101+2026_Spring/"
SUPPORT = "/microcredentials/support/"
PRIYA = 20  # in learners.json


@dataclass(frozen=True)
class Place:
    """A page, and who looks at it, if anybody is logged in: a learner, a teacher, or staff."""

    name: str
    learner: str | None
    path: Callable[[Site], str]
    is_in_studio: bool = False

    def __str__(self) -> str:
        return self.name


def _at(path: str) -> Callable[[Site], str]:
    return lambda _site: path


def _learners_of(run: str, only: str = "") -> Callable[[Site], str]:
    return _at(f"/microcredentials/instructor/{run}/{f'?only={only}' if only else ''}")


def _unshared(site: Site) -> str:
    return site.award(ONE, next(iter(site.awards[ONE])))


def _previewed(site: Site) -> str:
    return f"{_unshared(site)}?as=public"


def explained(site: Site) -> str:
    """Why a badge of Priya's is suspended, for the staff of the site."""
    return f"{SUPPORT}{PRIYA}/{site.microcredentials['data-analyst']}/"


def differing(site: Site) -> str:
    """The published version and the draft, compared."""
    before, after = site.states[DRAFTED]
    return f"{site.microcredential(DRAFTED)}history/compare/?before={before}&after={after}"


def publication(site: Site) -> str:
    """What a publication led to."""
    return f"{site.microcredential(DRAFTED)}publications/{site.publications[DRAFTED]}/"


def preview(site: Site) -> str:
    """Whom publishing the draft would concern, as the LMS has worked it out."""
    return f"{site.microcredential(DRAFTED)}preview/{site.preview}/"


def offer(site: Site) -> str:
    """A course of another organisation that waits for an answer."""
    return f"{HOME}offers/{site.offer}/"


def asking(site: Site) -> str:
    """What the draft names that its author may not write."""
    return f"{HOME}offers/ask/{site.microcredentials[DRAFTED]}/"


def offering(site: Site) -> str:
    """The form that offers a course to what was found."""
    return f"{HOME}course/{NOTHING}/offer/?to={site.microcredentials[DRAFTED]}"


def withdrawing(site: Site) -> str:
    """What it means to take a course out."""
    literacy = site.microcredentials["data-literacy"]
    return f"{HOME}course/course-v1:NordU+DL101+2026_Spring/withdraw/{literacy}/"


def _in_studio(name: str, who: str, rest: str, slug: str = "") -> Place:
    """A page of Studio; with a slug, one of that microcredential."""

    def path(site: Site) -> str:
        return f"{site.microcredential(slug)}{rest}" if slug else f"{HOME}{rest}"

    return Place(f"Studio: {name}", who, path, is_in_studio=True)


STUDIO = (
    Place("front page of the demo's Studio", None, _at("/"), is_in_studio=True),
    _in_studio("list", AUTHOR, ""),
    _in_studio("list without a hit", AUTHOR, "?q=nowhere+to+be+found"),
    _in_studio("list of somebody who writes for nobody", TEACHER, ""),
    _in_studio("new", AUTHOR, "new/"),
    _in_studio("organisations", STAFF, "organizations/"),
    _in_studio("people of an organisation", AUTHOR, "organizations/NordU/"),
    _in_studio("organisation as issuer", AUTHOR, "organizations/NordU/issuer/"),
    _in_studio("microcredential", AUTHOR, "", DRAFTED),
    _in_studio("microcredential of a viewer", VIEWER, "", DRAFTED),
    _in_studio("editor", AUTHOR, "edit/", DRAFTED),
    _in_studio("draft as YAML", AUTHOR, "yaml/", DRAFTED),
    _in_studio("publish", AUTHOR, "publish/", DRAFTED),
    _in_studio("history", AUTHOR, "history/", DRAFTED),
    Place("Studio: what differs", AUTHOR, differing, is_in_studio=True),
    Place("Studio: what a publication led to", AUTHOR, publication, is_in_studio=True),
    Place("Studio: whom it would concern", AUTHOR, preview, is_in_studio=True),
    _in_studio("skills", AUTHOR, "skills/"),
    _in_studio("skills of the site", STAFF, "skills/"),
    _in_studio("offers", AUTHOR, "offers/"),
    Place("Studio: an offer", AUTHOR, offer, is_in_studio=True),
    Place("Studio: what others have to agree to", AUTHOR, asking, is_in_studio=True),
    _in_studio("course", TEACHER, "course/course-v1:NordU+DL101+2026_Spring/"),
    _in_studio("course that does not count", TEACHER, f"course/{NOTHING}/"),
    _in_studio("offering a course", TEACHER, f"course/{NOTHING}/offer/?q=data"),
    Place("Studio: offering a course to one", TEACHER, offering, is_in_studio=True),
    Place("Studio: withdrawing a course", TEACHER, withdrawing, is_in_studio=True),
    _in_studio("page that one may not see", TEACHER, "edit/", DRAFTED),
)

PLACES = (
    *STUDIO,
    Place("home of a newcomer", NOBODY, _at(HOME)),
    Place("home without a badge", "mehmet_y", _at(HOME)),
    Place("home with one badge", ONE, _at(HOME)),
    Place("home with 300 badges", HUNDREDS, _at(HOME)),
    Place("home with a suspended badge", "priya_sharma", _at(HOME)),
    Place("home with a revoked badge", "ana_conceicao", _at(HOME)),
    Place("catalog", None, _at(CATALOG)),
    Place("catalog of a learner", "kiri_tw", _at(CATALOG)),
    Place("catalog without a hit", None, _at(f"{CATALOG}?q=nowhere+to+be+found")),
    Place("microcredential", None, lambda site: site.microcredential("data-analyst")),
    Place("microcredential of a learner", ONE, lambda site: site.microcredential("data-analyst")),
    Place("microcredential with a long word", None, lambda site: site.microcredential(LONG)),
    Place("microcredential in Arabic", None, lambda site: site.microcredential(ARABIC)),
    Place("older version", HUNDREDS, lambda site: site.microcredential(TWICE, 1)),
    Place("award", "kiri_tw", lambda site: site.award("kiri_tw", "data-science-mastery")),
    Place(
        "suspended award",
        "priya_sharma",
        lambda site: site.award("priya_sharma", "data-analyst"),
    ),
    Place(
        "revoked award",
        "ana_conceicao",
        lambda site: site.award("ana_conceicao", "visual-analytics"),
    ),
    Place("award that is shared", None, lambda site: site.award(KIRI, "data-analyst")),
    Place(
        "award that is shared, of its holder", KIRI, lambda site: site.award(KIRI, "data-analyst")
    ),
    Place("revoked award that is shared", None, lambda site: site.award(*REVOKED)),
    Place("expired award that is shared", None, lambda site: site.award(*EXPIRED)),
    Place("award as others would see it", ONE, _previewed),
    Place("award with a long title that is shared", None, lambda site: site.award(HUNDREDS, LONG)),
    Place("declined award", DECLINED[0], lambda site: site.award(*DECLINED)),
    Place("award that is not shared", None, _unshared),
    Place("public profile", None, lambda site: site.profile(KIRI)),
    Place("public profile with 300 badges", None, lambda site: site.profile(HUNDREDS)),
    Place("public profile without a badge", NOBODY, lambda site: site.profile(NOBODY)),
    Place("sharing", KIRI, _at(f"{HOME}sharing/")),
    Place("sharing of somebody who shares nothing", ONE, _at(f"{HOME}sharing/")),
    Place("issuer", None, _at(f"{HOME}issuers/nordu/")),
    Place("verifier", None, _at(f"{HOME}verify/")),
    Place("verifier of a learner", ONE, _at(f"{HOME}verify/?url=https://badges.example.org/")),
    Place("course", None, _at(STATISTICS)),
    Place("course of a learner", "nakamura_yuki", _at(STATISTICS)),
    Place("learners of a course", TEACHER, _at(LEARNERS)),
    Place("learners who have earned one", TEACHER, _at(f"{LEARNERS}?only=earned")),
    Place("learners one step away", TEACHER, _at(f"{LEARNERS}?only=close")),
    Place("learners with long names", TEACHER, _learners_of(LONG_NAMES)),
    Place("learners none of whom has earned one", TEACHER, _learners_of(LONG_NAMES, "earned")),
    Place("learners of a course that does not count", TEACHER, _learners_of(NOTHING)),
    Place("support", STAFF, _at(SUPPORT)),
    Place("support about a learner", STAFF, _at(f"{SUPPORT}{PRIYA}/")),
    Place("support explained", STAFF, explained),
    Place("page that is not there", ONE, _at(f"{HOME}course/course-v1:No+Such+Run/")),
    Place("front page of the demo", None, _at("/")),
    Place("course in the demo", ONE, _at("/courses/NordU+ST201/")),
    Place("login", None, _at("/login/")),
)

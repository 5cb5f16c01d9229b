"""What a preview has found, in numbers and sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microcred_plugin import previewing
from microcred_plugin.authoring.api import Preview, PreviewState, Rights
from microcred_plugin.awards.api import EventKind
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Fault, Microcredential, Switch, Visibility
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.planning import ask
from microcred_plugin.previewing import Among, Figures


@dataclass(frozen=True, slots=True)
class Number:
    """A number, the sentence that it begins, and those whom it is about, if they are named."""

    count: int
    sentence: str
    details: tuple[str, ...] = ()
    people: tuple[Learner, ...] = ()

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.people)


@dataclass(frozen=True, slots=True)
class Above:
    """What would become of awards of something that stacks on it."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What one thing that would be published comes to; `faults` say why it can't be."""

    heading: str
    faults: tuple[Fault, ...] = ()
    numbers: tuple[Number, ...] = ()
    notes: tuple[str, ...] = ()
    above: tuple[Above, ...] = ()


def may_see(name: str, found: Microcredential, rights: Rights) -> bool:
    """Whether somebody of a course's team may know of the version or the draft."""
    return name != "draft" or rights.may_view(found.organization)


_HEADINGS: Mapping[str, Callable[[], str]] = {
    "version": lambda: _("If the version of today no longer asked for the course"),
    "draft": lambda: _("If the draft no longer asked for the course"),
}


def sections_of(preview: Preview, rights: Rights, found: Microcredential) -> Iterator[Section]:
    """What a preview of this microcredential has found, as far as the reader may know of it."""
    is_detachment = preview.kind == Preview.Kind.DETACHMENT
    known = previewing.figures_of(preview) if preview.state == PreviewState.DONE else {}
    is_mine = preview.by_id is not None and preview.by_id == rights.user_id
    uuids = {uuid for one in known.values() for uuid in (*one.changes, *one.observed)}
    titles = titles_for(uuids, rights)
    people = _people(known.values()) if is_mine else {}
    for name, content in preview.content["of"].items():
        if is_detachment and not may_see(name, found, rights):
            continue
        heading = _HEADINGS[name]() if is_detachment else ""
        faults = definitions.problems_in(content)
        if faults:
            yield Section(heading, faults=tuple(faults))
        elif name in known:
            yield _section(heading, known[name], found, titles, people, is_detachment)


def _section(
    heading: str,
    figures: Figures,
    found: Microcredential,
    titles: Mapping[str, str],
    people: Mapping[int, Learner],
    is_detachment: bool,
) -> Section:
    own = str(found.uuid)
    say = _SAID_OF_DETACHMENT if is_detachment else _SAID
    numbers = []
    for group, sentence in say.items():
        count = figures.learners.get(group, 0)
        if count or (figures.is_compared if group in _COMPARED else group in _ALWAYS):
            ids = figures.named.get(group, ())
            numbers.append(
                Number(
                    count,
                    sentence(count),
                    tuple(_details(group, figures, own)),
                    tuple(people[pk] for pk in ids if pk in people),
                )
            )
    above = {uuid: kinds for uuid, kinds in figures.changes.items() if uuid != own}
    return Section(
        heading,
        numbers=tuple(numbers),
        notes=tuple(_notes(figures, found)),
        above=tuple(
            Above(titles.get(uuid, _("Something that is not public")), tuple(_would(kinds)))
            for uuid, kinds in sorted(above.items(), key=lambda item: titles.get(item[0], ""))
        ),
    )


_ALWAYS = frozenset({Among.AWARDED, Among.CLOSE})
_COMPARED = frozenset({Among.GAINED, Among.LOST, Among.CLOSE_LOST})

_SAID: Mapping[Among, Callable[[int], str]] = {
    Among.AWARDED: lambda n: ngettext(
        "learner would get it at once", "learners would get it at once", n
    ),
    Among.CLOSE: lambda n: ngettext(
        "learner would be one step away", "learners would be one step away", n
    ),
    Among.TOUCHED: lambda n: ngettext(
        "learner has a badge that would be suspended, taken back or given back",
        "learners have a badge that would be suspended, taken back or given back",
        n,
    ),
    Among.GAINED: lambda n: ngettext(
        "learner meets the draft, and no version that can be earned today",
        "learners meet the draft, and no version that can be earned today",
        n,
    ),
    Among.LOST: lambda n: ngettext(
        "learner meets a version that can be earned today, and not the draft: they keep what they "
        "have, but others like them would not earn it by the draft",
        "learners meet a version that can be earned today, and not the draft: they keep what they "
        "have, but others like them would not earn it by the draft",
        n,
    ),
    Among.CLOSE_LOST: lambda n: ngettext(
        "learner is one step away from a version that can be earned today, and is farther from "
        "the draft",
        "learners are one step away from a version that can be earned today, and are farther from "
        "the draft",
        n,
    ),
}

_SAID_OF_DETACHMENT: Mapping[Among, Callable[[int], str]] = {
    Among.AWARDED: _SAID[Among.AWARDED],
    Among.CLOSE: _SAID[Among.CLOSE],
    Among.TOUCHED: _SAID[Among.TOUCHED],
    Among.GAINED: lambda n: ngettext(
        "learner meets it without the course, and does not meet it today",
        "learners meet it without the course, and do not meet it today",
        n,
    ),
    Among.LOST: lambda n: ngettext(
        "learner meets it today, and would not without the course: they keep what they have, but "
        "others like them would not earn it",
        "learners meet it today, and would not without the course: they keep what they have, but "
        "others like them would not earn it",
        n,
    ),
    Among.CLOSE_LOST: lambda n: ngettext(
        "learner is one step away today, and would be farther without the course",
        "learners are one step away today, and would be farther without the course",
        n,
    ),
}

_WOULD: Mapping[str, Callable[[int], str]] = {
    EventKind.EARNED: lambda n: ngettext(
        "{n} learner would get it.", "{n} learners would get it.", n
    ),
    EventKind.HELD: lambda n: ngettext(
        "{n} award would wait for somebody to approve it.",
        "{n} awards would wait for somebody to approve them.",
        n,
    ),
    EventKind.SUSPENDED: lambda n: ngettext(
        "{n} award would be suspended.", "{n} awards would be suspended.", n
    ),
    EventKind.REINSTATED: lambda n: ngettext(
        "{n} award would be given back.", "{n} awards would be given back.", n
    ),
    EventKind.REVOKED: lambda n: ngettext(
        "{n} award would be taken back.", "{n} awards would be taken back.", n
    ),
    EventKind.RENEWED: lambda n: ngettext(
        "{n} award would be renewed.", "{n} awards would be renewed.", n
    ),
}
_TOLD_WITH: Mapping[Among, tuple[str, ...]] = {
    Among.AWARDED: (EventKind.HELD,),
    Among.TOUCHED: (EventKind.SUSPENDED, EventKind.REVOKED, EventKind.REINSTATED),
}


def _would(kinds: Mapping[str, int]) -> Iterator[str]:
    for kind, say in _WOULD.items():
        if kinds.get(kind):
            yield say(kinds[kind]).format(n=kinds[kind])


def _details(group: Among, figures: Figures, own: str) -> Iterator[str]:
    """What the changes of its own awards add to a number."""
    kinds = figures.changes.get(own, {})
    yield from _would({kind: kinds.get(kind, 0) for kind in _TOLD_WITH.get(group, ())})


def _notes(figures: Figures, found: Microcredential) -> Iterator[str]:
    meets = figures.learners.get(Among.MEETS, 0)
    yield ngettext(
        "{n} learner meets it altogether, whether they hold it already or not.",
        "{n} learners meet it altogether, whether they hold it already or not.",
        meets,
    ).format(n=meets)
    switch = definitions.effective_switch(found.pk)
    if switch == Switch.OFF:
        yield _("It is switched off: nobody gets anything until it is switched on.")
    elif switch == Switch.OBSERVE:
        noted = sum(figures.observed.get(str(found.uuid), {}).values())
        yield ngettext(
            "It is only observed: {n} award would be noted, and nobody gets it.",
            "It is only observed: {n} awards would be noted, and nobody gets them.",
            noted,
        ).format(n=noted)
    unknown = figures.learners.get(Among.UNKNOWN, 0)
    if unknown:
        yield ngettext(
            "Of {n} learner the course records do not say enough; they are in no comparison.",
            "Of {n} learners the course records do not say enough; they are in no comparison.",
            unknown,
        ).format(n=unknown)


def titles_for(uuids: Collection[str], rights: Rights) -> dict[str, str]:
    """Titles by uuid, of what the reader may know of."""
    if not uuids:
        return {}
    return {
        uuid: one.title
        for uuid, one in definitions.microcredentials_by_uuid(uuids).items()
        if one.visibility == Visibility.PUBLIC or rights.may_view(one.organization)
    }


def _people(known: Collection[Figures]) -> Mapping[int, Learner]:
    """Those who are named, as they are named now; whoever has left is not."""
    ids = {pk for one in known for named in one.named.values() for pk in named}
    found = ask(get_host().learners, ids) if ids else {}
    return {pk: learner for pk, learner in found.items() if not learner.is_retired}

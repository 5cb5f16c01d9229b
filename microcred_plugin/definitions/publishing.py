"""From draft to published to closed, and back where a publication is undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import nodes_of, trees_of
from microcred_plugin.definitions.drafts import gone
from microcred_plugin.definitions.errors import (
    DefinitionRefused,
    DraftChanged,
    Fault,
    fault_of,
)
from microcred_plugin.definitions.history import note_version
from microcred_plugin.definitions.indexing import index, rebuild_closure
from microcred_plugin.definitions.models import (
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    PublicationLock,
    PublicationState,
    StackClosure,
    VersionState,
)
from microcred_plugin.definitions.naming import components, selected, titles
from microcred_plugin.evaluation.checks import problems_before_publication
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
    Tree,
)
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, CourseSelection


@contextmanager
def publication_lock() -> Iterator[None]:
    """A transaction that no other publication runs beside, as two could close a circle."""
    PublicationLock.objects.bulk_create([PublicationLock(id=1)], ignore_conflicts=True)
    with transaction.atomic():
        # An update, since SQLite knows no SELECT … FOR UPDATE and would not wait.
        PublicationLock.objects.filter(id=1).update(id=1)
        yield


def faults_before_publication(version: MicrocredentialVersion) -> list[Fault]:
    """Everything that forbids publishing this version now, each with its node."""
    nodes = nodes_of(version)
    return [
        *tree_faults(trees_of(version)),
        *_course_faults(nodes),
        *_stack_faults(version.microcredential, nodes),
    ]


def tree_faults(trees: Mapping[str, Tree]) -> list[Fault]:
    """What forbids publishing these trees in themselves, whatever they name."""
    return [
        fault_of(problem)
        for name, tree in trees.items()
        if name == "requirements" or tree is not None
        for problem in problems_before_publication(tree, name)
    ]


def publish(
    *,
    version: MicrocredentialVersion,
    by_id: int | None = None,
    now: datetime | None = None,
    previous_closes_at: datetime | None = None,
    keeps_previous_open: bool = False,
    revision: int | None = None,
) -> Publication:
    """
    Publish a draft: it is frozen and indexed, and what was open closes, now, at a date, or not yet.

    `revision` is that of the draft that was meant: raises `DraftChanged` if it is another by now.

    The evaluation of everybody whom it may concern is left to whoever runs the publication that
    is given back. Raises `DefinitionRefused`; nothing has changed then.
    """
    now = now or timezone.now()
    with publication_lock():
        version = _draft(version)
        if revision is not None and version.revision != revision:
            raise DraftChanged(version)
        faults = faults_before_publication(version)
        if faults:
            raise DefinitionRefused(faults)
        closed = []
        if not keeps_previous_open:
            closed = _close_open(version, max(now, previous_closes_at or now), now)
        version.state = VersionState.PUBLISHED
        version.draft_slot = None
        version.published_at = now
        nodes = nodes_of(version)
        below = components(nodes)
        version.names = titles(nodes, below, _runs(selected(nodes)))
        version.depth = _depth(below)
        version.save()
        version.microcredential.title = version.title
        version.microcredential.save(update_fields=["title", "modified"])
        index(version)
        rebuild_closure(version.microcredential_id)
        note_version(ChangeKind.PUBLISHED, version, by_id=by_id, now=now)
        publication = Publication.objects.create(version=version, by_id=by_id, at=now)
        publication.closed_versions.set(closed)
        return publication


def withdraw(*, publication: Publication, by_id: int | None = None) -> None:
    """
    Take a published version back: it counts for nobody any more, from the beginning.

    The versions that its publication had closed take over its closing date, so they are open again
    if this one was.
    """
    with publication_lock():
        publication = Publication.objects.select_related("version__microcredential").get(
            pk=publication.pk
        )
        version = publication.version
        if version.state == VersionState.WITHDRAWN:
            return
        closed = list(publication.closed_versions.all())
        for earlier in closed:
            earlier.state = version.state
            earlier.closes_at = version.closes_at
            earlier.save(update_fields=["state", "closes_at", "modified"])
        # A later publication that closed the withdrawn version has closed these, then.
        for later in Publication.objects.filter(closed_versions=version):
            later.closed_versions.remove(version)
            later.closed_versions.add(*closed)
        version.state = VersionState.WITHDRAWN
        version.save(update_fields=["state", "modified"])
        _take_title_of_newest(version.microcredential)
        version.index.all().delete()
        version.skill_index.all().delete()
        rebuild_closure(version.microcredential_id)
        publication.chunks.all().delete()
        Publication.objects.filter(pk=publication.pk).update(
            state=PublicationState.PENDING, after_learner=0, is_cut=False, progressed_at=None
        )
        note_version(ChangeKind.WITHDRAWN, version, by_id=by_id)


def close_due_versions(*, now: datetime) -> int:
    """Close the versions whose closing date has come; how many there were."""
    return MicrocredentialVersion.objects.filter(
        state=VersionState.PUBLISHED, closes_at__lte=now
    ).update(state=VersionState.CLOSED)


def _draft(version: MicrocredentialVersion) -> MicrocredentialVersion:
    """The version as it is now, if it still is a draft."""
    draft = (
        MicrocredentialVersion.objects.select_related("microcredential")
        .filter(pk=version.pk)
        .first()
    )
    if draft is None:
        raise DefinitionRefused([gone(version)])
    if draft.state != VersionState.DRAFT:
        sentence = _("Version {number} of “{slug}” has been published already.").format(
            number=draft.number, slug=draft.microcredential.slug
        )
        raise DefinitionRefused([Fault("", sentence)])
    return draft


def _take_title_of_newest(microcredential: Microcredential) -> None:
    """Call the microcredential what its newest version calls it, if one is left."""
    newest = (
        microcredential.versions.filter(state__in=(VersionState.PUBLISHED, VersionState.CLOSED))
        .order_by("-number")
        .first()
    )
    if newest is not None:
        microcredential.title = newest.title
        microcredential.save(update_fields=["title", "modified"])


def _close_open(
    version: MicrocredentialVersion, closes_at: datetime, now: datetime
) -> list[MicrocredentialVersion]:
    """Close every version that had no end; it is one, unless an author kept more of them open."""
    found = list(
        MicrocredentialVersion.objects.filter(
            microcredential=version.microcredential_id,
            state=VersionState.PUBLISHED,
            closes_at=None,
        ).order_by("number")
    )
    for previous in found:
        set_closing(previous, closes_at, now=now)
        previous.save(update_fields=["closes_at", "state", "modified"])
    return found


def set_closing(previous: MicrocredentialVersion, closes_at: datetime, *, now: datetime) -> None:
    """Have a version that is open close at this instant. It is not saved."""
    assert previous.published_at is not None
    previous.closes_at = max(closes_at, previous.published_at)  # clocks differ
    is_closed = previous.closes_at <= now
    previous.state = VersionState.CLOSED if is_closed else VersionState.PUBLISHED


# --- what the trees name -----------------------------------------------------------------------


def _course_faults(nodes: list[tuple[str, Node]]) -> Iterator[Fault]:
    selection = selected(nodes)
    found = _runs(selection)
    courses = {run.course for run in found.values()}
    for path, node in nodes:
        if not isinstance(node, (Course, Assessment, Completion)):
            continue
        for run in node.runs:
            if run not in found:
                yield Fault(
                    f"{path}.runs",
                    _(
                        "There is no course run “{run}” on this site. Choose one that exists."
                    ).format(run=run),
                )
        if node.course is not None and node.course not in courses:
            yield Fault(
                f"{path}.course",
                _("There is no run of the course “{course}” on this site.").format(
                    course=node.course
                ),
            )


def _stack_faults(
    microcredential: Microcredential, nodes: list[tuple[str, Node]]
) -> Iterator[Fault]:
    found = components(nodes)
    published = set(
        MicrocredentialVersion.objects.filter(
            microcredential__in=[component.id for component in found.values()],
            state__in=(VersionState.PUBLISHED, VersionState.CLOSED),
        ).values_list("microcredential_id", flat=True)
    )
    above = set(
        StackClosure.objects.filter(descendant=microcredential).values_list(
            "ancestor_id", flat=True
        )
    )
    for path, node in nodes:
        if not isinstance(node, MicrocredentialHeld):
            continue
        component = found.get(node.microcredential)
        if component is None:
            sentence = _("There is no microcredential “{uuid}” on this site.").format(
                uuid=node.microcredential
            )
        elif component == microcredential:
            sentence = _("“{slug}” can't ask for itself.").format(slug=component.slug)
        elif component.id in above:
            sentence = _(
                "“{slug}” can't ask for “{component}”, because “{component}” asks for “{slug}” "
                "already, itself or through others. Take one of the two out."
            ).format(slug=microcredential.slug, component=component.slug)
        elif component.id not in published:
            sentence = _("“{slug}” is not published yet. Publish it first.").format(
                slug=component.slug
            )
        else:
            continue
        yield Fault(f"{path}.microcredential", sentence)


def _depth(components: Mapping[str, Microcredential]) -> int:
    """One more than the highest of the published versions that the trees stack on."""
    if not components:
        return 1
    highest = MicrocredentialVersion.objects.filter(
        microcredential__in=[component.id for component in components.values()],
        state__in=(VersionState.PUBLISHED, VersionState.CLOSED),
    ).aggregate(highest=Max("depth"))["highest"]
    return 1 + (highest or 0)


def _runs(selection: CourseSelection) -> Mapping[str, CourseRun]:
    """The runs as the platform describes them now."""
    if not selection:
        return {}
    try:
        return get_host().course_runs(selection)
    except OperationalError:
        raise  # the database's own trouble, and not the platform's answer
    except Exception as error:
        sentence = _(
            "The platform could not say which courses there are ({error}). Nothing has been "
            "published; try again later."
        ).format(error=f"{type(error).__name__}: {error}")
        raise DefinitionRefused([Fault("", sentence)]) from error

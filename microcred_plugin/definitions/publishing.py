"""From draft to published to closed, and back where a publication is undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import nodes_of, trees_of
from microcred_plugin.definitions.errors import DefinitionRefused, Fault, fault_of
from microcred_plugin.definitions.indexing import index, rebuild_closure
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    PublicationLock,
    PublicationState,
    StackClosure,
    VersionState,
)
from microcred_plugin.evaluation.checks import problems_before_publication
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
)
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseSelection


@contextmanager
def publication_lock() -> Iterator[None]:
    """A transaction that no other publication runs beside, as two could close a circle."""
    PublicationLock.objects.bulk_create([PublicationLock(id=1)], ignore_conflicts=True)
    with transaction.atomic():
        PublicationLock.objects.select_for_update().get(id=1)
        yield


def faults_before_publication(version: MicrocredentialVersion) -> list[Fault]:
    """Everything that forbids publishing this version now, each with its node."""
    faults = [
        fault_of(problem)
        for name, tree in trees_of(version).items()
        if name == "requirements" or tree is not None
        for problem in problems_before_publication(tree, name)
    ]
    nodes = nodes_of(version)
    return [*faults, *_course_faults(nodes), *_stack_faults(version.microcredential, nodes)]


def publish(
    *,
    version: MicrocredentialVersion,
    by_id: int | None = None,
    now: datetime | None = None,
    previous_closes_at: datetime | None = None,
) -> Publication:
    """
    Publish a draft: it is frozen and indexed, and the version before it closes, now or at a date.

    The evaluation of everybody whom it may concern is left to whoever runs the publication that
    is given back. Raises `DefinitionRefused`; nothing has changed then.
    """
    now = now or timezone.now()
    with publication_lock():
        version = MicrocredentialVersion.objects.select_related("microcredential").get(
            pk=version.pk
        )
        if version.state != VersionState.DRAFT:
            raise DefinitionRefused(
                [Fault("", _("Version {number} of “{slug}” has been published already.").format(
                    number=version.number, slug=version.microcredential.slug
                ))]
            )  # fmt: skip
        faults = faults_before_publication(version)
        if faults:
            raise DefinitionRefused(faults)
        previous = _close_previous(version, max(now, previous_closes_at or now), now)
        version.state = VersionState.PUBLISHED
        version.draft_slot = None
        version.published_at = now
        version.names = _names(version)
        version.save()
        version.microcredential.title = version.title
        version.microcredential.save(update_fields=["title", "modified"])
        index(version)
        rebuild_closure(version.microcredential_id)
        return Publication.objects.create(
            version=version, closed_version=previous, by_id=by_id, at=now
        )


def withdraw(*, publication: Publication) -> None:
    """
    Take a published version back: it counts for nobody any more, from the beginning.

    The version that its publication had closed takes over its closing date, so it is open again
    if this one was.
    """
    with publication_lock():
        version = MicrocredentialVersion.objects.get(pk=publication.version_id)
        if version.state == VersionState.WITHDRAWN:
            return
        closed = publication.closed_version
        if closed is not None and closed.state != VersionState.WITHDRAWN:
            closed.state = version.state
            closed.closes_at = version.closes_at
            closed.save(update_fields=["state", "closes_at", "modified"])
            microcredential = closed.microcredential
            microcredential.title = closed.title
            microcredential.save(update_fields=["title", "modified"])
        # A later publication that closed the withdrawn version has closed this one, then.
        Publication.objects.filter(closed_version=version).update(closed_version=closed)
        version.state = VersionState.WITHDRAWN
        version.save(update_fields=["state", "modified"])
        version.index.all().delete()
        rebuild_closure(version.microcredential_id)
        publication.chunks.all().delete()
        Publication.objects.filter(pk=publication.pk).update(
            state=PublicationState.PENDING, after_learner=0, is_cut=False, progressed_at=None
        )


def close_due_versions(*, now: datetime) -> int:
    """Close the versions whose closing date has come; how many there were."""
    return MicrocredentialVersion.objects.filter(
        state=VersionState.PUBLISHED, closes_at__lte=now
    ).update(state=VersionState.CLOSED)


def _close_previous(
    version: MicrocredentialVersion, closes_at: datetime, now: datetime
) -> MicrocredentialVersion | None:
    previous = (
        MicrocredentialVersion.objects.filter(
            microcredential=version.microcredential_id,
            state=VersionState.PUBLISHED,
            closes_at=None,
        )
        .order_by("-number")
        .first()
    )
    if previous is not None:
        previous.closes_at = closes_at
        previous.state = VersionState.CLOSED if closes_at <= now else VersionState.PUBLISHED
        previous.save(update_fields=["closes_at", "state", "modified"])
    return previous


# --- what the trees name -----------------------------------------------------------------------


def _selected(nodes: Iterable[tuple[str, Node]]) -> CourseSelection:
    selection = CourseSelection()
    for _path, node in nodes:
        if isinstance(node, (Course, Assessment, Completion)):
            selection |= CourseSelection(
                frozenset(node.runs), frozenset([node.course] if node.course else [])
            )
    return selection


def _course_faults(nodes: list[tuple[str, Node]]) -> Iterator[Fault]:
    selection = _selected(nodes)
    found = get_host().course_runs(selection) if selection else {}
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
    found = _components(nodes)
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


def _components(nodes: Iterable[tuple[str, Node]]) -> dict[str, Microcredential]:
    """The microcredentials that the nodes name and that exist, by uuid."""
    named = {node.microcredential for _path, node in nodes if isinstance(node, MicrocredentialHeld)}
    return {
        str(component.uuid): component
        for component in Microcredential.objects.filter(uuid__in=filter(_is_uuid, named))
    }


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _names(version: MicrocredentialVersion) -> dict[str, str]:
    """The titles, as they are now, of everything that the trees name."""
    nodes = nodes_of(version)
    names = {uuid: component.title for uuid, component in _components(nodes).items()}
    selection = _selected(nodes)
    for run in get_host().course_runs(selection).values() if selection else ():
        names[run.run] = run.title
        if run.course in selection.courses:
            names[run.course] = run.title
    return names

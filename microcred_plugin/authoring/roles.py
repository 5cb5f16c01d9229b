"""What somebody may do with an organisation's microcredentials."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin.authoring.models import OrganizationRole, Role


class NotPossible(Exception):
    """What somebody asked for can't be done; the message says why, and what can."""


@dataclass(frozen=True, slots=True)
class Rights:
    """
    What one user may do, in every organisation. Made by `rights_of`, once for a request.

    An operator, the platform's staff, may do everything everywhere. The rights of courses are not
    in here: the host knows them.
    """

    user_id: int | None
    is_operator: bool = False
    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)

    @property
    def organizations(self) -> list[str]:
        """Those in which the user is anything at all."""
        return sorted(self.roles)

    @property
    def writes_for(self) -> list[str]:
        """Those for which the user may write definitions."""
        return [name for name in self.organizations if self.may_write(name)]

    @property
    def administers(self) -> list[str]:
        """Those of which the user is an admin."""
        return [name for name in self.organizations if self.may_administer(name)]

    @property
    def is_anybody(self) -> bool:
        """Whether there is any organisation whose microcredentials the user may see."""
        return self.is_operator or bool(self.roles)

    def may_view(self, organization: str) -> bool:
        """See drafts, histories and what a publication would change."""
        return self.is_operator or organization in self.roles

    def may_write(self, organization: str) -> bool:
        """Write drafts, publish them, and agree to what courses offer."""
        return self._is(organization, Role.ADMIN, Role.AUTHOR)

    def may_administer(self, organization: str) -> bool:
        """Say who is what in the organisation."""
        return self._is(organization, Role.ADMIN)

    def _is(self, organization: str, *roles: Role) -> bool:
        held = self.roles.get(organization, frozenset())
        return self.is_operator or not held.isdisjoint(roles)


def rights_of(user: Any) -> Rights:
    """The rights of a user of Django's; of nobody who is logged in, none. One query."""
    if not user.is_authenticated or not user.is_active:
        return Rights(user_id=None)
    if user.is_staff or user.is_superuser:
        return Rights(user.pk, is_operator=True, roles=_roles_of(user.pk))
    return Rights(user.pk, roles=_roles_of(user.pk))


def _roles_of(user_id: int) -> dict[str, frozenset[Role]]:
    held: dict[str, set[Role]] = {}
    for organization, role in OrganizationRole.objects.filter(user=user_id).values_list(
        "organization", "role"
    ):
        held.setdefault(organization, set()).add(Role(role))
    return {organization: frozenset(roles) for organization, roles in held.items()}


def roles_in(organization: str) -> list[OrganizationRole]:
    """Who is what in an organisation, admins first. One query."""
    order = list(Role)
    found = [
        row
        for row in OrganizationRole.objects.filter(organization=organization)
        if row.organization == organization  # a database may have compared without regard to case
    ]
    return sorted(found, key=lambda row: (order.index(Role(row.role)), row.pk))


def people_in(organization: str, roles: Collection[Role]) -> list[int]:
    """The ids of those who are one of these in an organisation, ascending. One query."""
    return sorted({row.user_id for row in roles_in(organization) if row.role in roles})


def organizations_with_roles() -> list[str]:
    """The organisations in which anybody is anything. One query."""
    return sorted(set(OrganizationRole.objects.values_list("organization", flat=True)))


def give_role(
    *, user_id: int, organization: str, role: str, by_id: int | None, now: datetime
) -> OrganizationRole:
    """Make somebody something in an organisation. Doing it twice is doing it once."""
    row, _is_new = OrganizationRole.objects.get_or_create(
        user_id=user_id,
        organization=organization,
        role=Role(role).value,
        defaults={"given_by_id": by_id, "given_at": now},
    )
    return row


def take_role(*, role_id: int, organization: str, by: Rights) -> None:
    """
    Take a role from somebody. Raises `NotPossible` where nobody would be left to give it back.

    That is the last admin's, unless an operator takes it.
    """
    row = OrganizationRole.objects.filter(pk=role_id, organization=organization).first()
    if row is None:
        return
    admins = OrganizationRole.objects.filter(organization=organization, role=Role.ADMIN)
    if row.role == Role.ADMIN and not by.is_operator and admins.count() == 1:
        raise NotPossible(
            _(
                "This is the last admin of {organization}. Make somebody else an admin first, or "
                "ask those who run this site."
            ).format(organization=organization)
        )
    row.delete()

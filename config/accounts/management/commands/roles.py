"""``manage.py roles``: the groups that people's rights come from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config.accounts.roles import ensure


class Command(BaseCommand):
    help = "Make the roles, or bring them up to date with this version; can be run at any time."

    def handle(self, **options: Any) -> str:
        return "\n".join(ensure()) or "All roles are up to date."

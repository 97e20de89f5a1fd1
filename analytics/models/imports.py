"""What other tools had counted of links before these came here."""

from __future__ import annotations

from django.db import models

from shortener.models import Link, Site


class BroughtAlong(models.Model):
    """The clicks that another tool tells of a link. Never added to those that are counted here."""

    site = models.ForeignKey(Site, models.CASCADE, db_index=False, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, db_index=False, related_name="brought_along")
    tool = models.CharField(max_length=20)
    clicks = models.PositiveBigIntegerField()
    as_of = models.DateField()
    """When its file was imported; the tool may have gone on counting since."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["link", "tool"], name="one_total_per_link_and_tool")
        ]
        indexes = [models.Index(fields=["site", "-clicks"], name="brought_by_site")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.tool} {self.clicks}"

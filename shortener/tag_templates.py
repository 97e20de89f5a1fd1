"""Attribution tags under a name, to be put on one link after another."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from shortener.validators import validate_tags


class TagTemplate(models.Model):
    """Tags that are copied onto a link when it is made.

    A later change of the template leaves those links as they are: what their visitors brought
    along is in other tools' reports already.
    """

    site = models.ForeignKey(
        "shortener.Site", models.CASCADE, related_name="tag_templates", verbose_name=_("site")
    )
    name = models.CharField(_("name"), max_length=100)
    tags = models.JSONField(
        _("tags"),
        default=dict,
        validators=[validate_tags],
        help_text=_("One name=value a line, for example utm_source={channel}."),
    )

    class Meta:
        verbose_name = _("UTM template")
        verbose_name_plural = _("UTM templates")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="one_tag_template_per_name",
                violation_error_message=_("The site has a template with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

"""Who wants to be told: kept for each user, by site and by link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from analytics.alerts.rules import Sensitivity
from analytics.models import AlertSubscription
from shortener.access import links_of, sites_of
from shortener.models import Link, Site

SALT = "grapevine.alerts.stop"
MOST = 200
"""Sites, and links, that the form has room for."""
LIKE_SITE = ""
"""Of a link: whatever is said of its site."""

User = AbstractBaseUser | AnonymousUser


def save(user: User, sensitivity: int, **what: Any) -> AlertSubscription:
    """Keep how readily somebody wants to be told of a site's links, or of one.

    ``what`` is a ``site`` or a ``link``. Mails will be in the language and the time zone that the
    user reads the admin in now.
    """
    subscription, _new = AlertSubscription.objects.update_or_create(
        user_id=_id(user),
        site=what.get("site"),
        link=what.get("link"),
        defaults={
            "sensitivity": sensitivity,
            "language": translation.get_language() or "",
            "time_zone": timezone.get_current_timezone_name(),
        },
    )
    return subscription


def of_site(user: User, site: Site) -> AlertSubscription | None:
    """Return what somebody has said of a site's links."""
    return AlertSubscription.objects.filter(user_id=_id(user), site=site).first()


def of_link(user: User, link: Link) -> AlertSubscription | None:
    """Return what decides whether somebody is told of a link; None where nothing does."""
    own = AlertSubscription.objects.filter(user_id=_id(user))
    return own.filter(link=link).first() or own.filter(site=link.site_id).first()


def token(subscription: AlertSubscription) -> str:
    """Return what allows whoever has it to end these mails, and nothing else."""
    return signing.dumps(subscription.pk, salt=SALT)


def by_token(text: str) -> AlertSubscription | None:
    """Return the subscription that a token is for; None for others."""
    try:
        pk = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    found = AlertSubscription.objects.filter(pk=pk).select_related("site", "link")
    return found.first()


def _id(user: User) -> int:
    """Return the id of somebody who is logged in."""
    return int(user.pk or 0)


class AlertsForm(forms.Form):
    """How readily a user wants to be told, for each of their sites and of the chosen links."""

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, label_suffix="")
        self.user = user
        own = AlertSubscription.objects.filter(user_id=_id(user))
        said = dict(own.filter(link=None).values_list("site", "sensitivity"))
        self.sites = {f"site-{site.pk}": site for site in sites_of(user).order_by("name")[:MOST]}
        for name, site in self.sites.items():
            self.fields[name] = forms.TypedChoiceField(
                label=site.name,
                choices=Sensitivity.choices,
                coerce=int,
                initial=said.get(site.pk, Sensitivity.OFF),
            )
        said = dict(own.filter(site=None).values_list("link", "sensitivity"))
        links = links_of(user).filter(pk__in=said).order_by("title")[:MOST]
        self.links = {f"link-{link.pk}": link for link in links}
        for name, link in self.links.items():
            self.fields[name] = forms.TypedChoiceField(
                label=link.title,
                choices=[(LIKE_SITE, _("Like its site")), *Sensitivity.choices],
                coerce=int,
                empty_value=None,
                required=False,
                initial=said[link.pk],
            )

    @property
    def site_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.sites]

    @property
    def link_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.links]

    def save(self) -> None:
        """Keep what was chosen; of a valid form."""
        for name, site in self.sites.items():
            save(self.user, self.cleaned_data[name], site=site)
        for name, link in self.links.items():
            if (sensitivity := self.cleaned_data[name]) is None:
                AlertSubscription.objects.filter(user_id=_id(self.user), link=link).delete()
            else:
                save(self.user, sensitivity, link=link)

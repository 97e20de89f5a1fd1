"""The form of a schedule."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelMultipleChoiceField
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics.exports.dialects import DIALECTS
from analytics.exports.raw import TABLES
from analytics.exports.recipe import may, title
from analytics.models import Schedule
from analytics.reports.catalog import REPORTS
from analytics.reports.question import Question
from analytics.schedules import uploads
from analytics.schedules.people import people_of
from analytics.schedules.runs import set_out
from shortener.access import sites_of, works_for
from shortener.models import Site

FILTERS = ("campaign", "links", "tags", "channels")
"""Of the page that somebody came from; they are kept as they are."""
LAST_DAY = 28
"""Of the days that every month has."""


class ScheduleForm(forms.ModelForm):
    """Which file is sent, when, and to whom."""

    dialect = forms.ChoiceField(label=gettext_lazy("Format"))
    gzip = forms.BooleanField(label=gettext_lazy("Compressed (gzip)"), required=False)

    class Meta:
        model = Schedule
        fields = (
            *("name", "site", "every", "weekday", "day_of_month", "hour", "time_zone"),
            *("people", "mailed", "to_bucket"),
        )
        labels = {
            "name": gettext_lazy("Table"),
            "site": gettext_lazy("Site"),
            "every": gettext_lazy("How often"),
            "weekday": gettext_lazy("On"),
            "day_of_month": gettext_lazy("On day"),
            "hour": gettext_lazy("At"),
            "time_zone": gettext_lazy("Time zone"),
            "people": gettext_lazy("To"),
            "mailed": gettext_lazy("The mail has"),
            "to_bucket": gettext_lazy("Also put it into the bucket"),
        }
        widgets = {
            "people": forms.CheckboxSelectMultiple,
            "mailed": forms.RadioSelect,
        }

    def __init__(self, data: Any, *, user: Any, asked: Any, instance: Schedule | None) -> None:
        params = instance.params if instance else asked
        initial = {
            "dialect": params.get("dialect"),
            "gzip": params.get("gzip") == "1",
            "time_zone": timezone.get_current_timezone_name(),
            "every": "week",
            "people": [user.pk],
        }
        # What somebody has saved goes before.
        super().__init__(
            data, instance=instance, initial={} if instance else initial, label_suffix=""
        )
        self.user = user
        self.filters = {name: params[name] for name in FILTERS if params.get(name)}
        self._offer(asked)
        if instance:
            self.initial.update({name: initial[name] for name in ("dialect", "gzip")})

    def _offer(self, asked: Any) -> None:
        """Set what can be chosen, and what is chosen at first."""
        sites = cast(forms.ModelChoiceField, self.fields["site"])
        sites.queryset = sites_of(self.user).order_by("name")
        sites.empty_label = None
        if not self.instance.pk:
            self.initial["site"] = sites.queryset.filter(key=asked.get("site", "")).first()
            self.initial["name"] = asked.get("name", "")
        self._choose("name", self._names())
        self._choose("dialect", [(each.name, each.label) for each in DIALECTS.values()])
        self._choose("weekday", list(WEEKDAYS.items()))
        self._choose("day_of_month", [(day, str(day)) for day in range(1, LAST_DAY + 1)])
        self._choose("hour", [(hour, f"{hour:02}:00") for hour in range(24)])
        self._choose("time_zone", [(zone, zone) for zone in sorted(available_timezones())])
        people = cast(ModelMultipleChoiceField, self.fields["people"])
        people.queryset = people_of(self.user)
        people.required = False
        if not uploads.is_possible():
            del self.fields["to_bucket"]

    def _choose(self, name: str, choices: list[Any]) -> None:
        was = self.fields[name]
        is_number = name in ("weekday", "day_of_month", "hour")
        field = forms.TypedChoiceField(
            choices=choices, coerce=int if is_number else str, label=was.label, initial=was.initial
        )
        self.fields[name] = field

    def _names(self) -> list[Any]:
        groups = ((_("Raw rows"), TABLES), (_("Reports"), REPORTS))
        offered = [
            (heading, [(name, title(name)) for name in known if may(self.user, name)])
            for heading, known in groups
        ]
        return [group for group in offered if group[1]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        site: Site | None = cleaned.get("site")
        if site is None:
            return cleaned
        people = list(cleaned.get("people") or ())
        if strangers := [str(user) for user in people if not works_for(user, site)]:
            self.add_error(
                "people",
                _("%(names)s: not of this site.") % {"names": ", ".join(strangers)},
            )
        elif not people and not cleaned.get("to_bucket") and "people" not in self.errors:
            self.add_error("people", _("Choose at least one person."))
        self._check_filters(site)
        return cleaned

    def _check_filters(self, site: Site) -> None:
        try:
            Question.from_params({**self.filters, "site": site.key}, sites_of(self.user))
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))

    def save(self, commit: bool = True) -> Schedule:
        schedule: Schedule = super().save(commit=False)
        cleaned = self.cleaned_data
        if not schedule.pk:
            schedule.user = self.user
        schedule.language = get_language() or ""
        schedule.params = {
            **self.filters,
            "dialect": cleaned["dialect"],
            "gzip": "1" if cleaned["gzip"] else "",
        }
        set_out(schedule, timezone.now())
        schedule.save()
        self.save_m2m()
        return schedule

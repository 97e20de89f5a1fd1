"""Forms of users: who they are, what they do, and for which sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from config.accounts.roles import BY_NAME
from shortener.models import Site


class RolesField(forms.ModelMultipleChoiceField):
    """Roles as boxes, each with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, group: Any) -> str:
        role = BY_NAME.get(group.name)
        return f"{role.title}: {role.sentence}" if role else group.name


class RightsFields(forms.Form):
    """What somebody may do, and for which sites."""

    groups = RolesField(Group.objects.all(), label=_("Roles"), required=False)
    sites = forms.ModelMultipleChoiceField(
        Site.objects.all(),
        label=_("Sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Administrators work for every site, without being a member of any."),
    )


class UserForm(RightsFields, UserChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may only look at users gets a form without fields.
        if "sites" in self.fields:
            self.fields["sites"].initial = self.instance.sites.all()


class NewUserForm(RightsFields, AdminUserCreationForm):
    pass

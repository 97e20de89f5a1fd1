"""The admin of pages that became links by themselves: refused, accepted, merged."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shortener.admin.base import change_links, merge_told
from shortener.admin.links import STATES, by_short_link, mark, state_of
from shortener.admin.of_sites import OfSites, OfSitesFilter
from shortener.admin.paging import BoundedPaginator
from shortener.forms import MergeForm
from shortener.merging import MergeError
from shortener.models import Link

MERGED_AT_ONCE = 100
CANDIDATES = 20
"""How many links are offered to merge pages into; whoever misses one searches for it."""


class Page(Link):
    """A link that was made by itself, when its page was first shared."""

    class Meta:
        proxy = True
        default_permissions = ()  # Those of links decide.
        verbose_name = _("page")
        verbose_name_plural = _("pages")


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("live", gettext("Live")),
            ("refused", gettext("Refused")),
            ("merged", gettext("Merged")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        choices = {
            "live": Q(pk__in=Link.objects.live(), merged_into=None),
            "refused": Q(active=False),
            "merged": Q(merged_into__isnull=False),
        }
        return queryset.filter(choices.get(self.value() or "", Q()))


class PageList(ChangeList):
    def url_for_result(self, result: Model) -> str:
        # A page is a link like any other, with the same form.
        return reverse("admin:shortener_link_change", args=[result.pk])


@admin.register(Page)
class PageAdmin(OfSites):
    list_display = ["title", "state", "address", "site", "first_shared"]
    list_filter = [("site", OfSitesFilter), StateFilter]
    list_select_related = ["site", "merged_into"]
    list_per_page = MERGED_AT_ONCE
    search_fields = ["title", "destination"]
    search_help_text = _("Title, address, or any short link or code of the page.")
    paginator = BoundedPaginator
    show_full_result_count = False
    view_on_site = False
    preserve_filters = False  # The form is another list's.
    actions = ["refuse", "accept", "merge", "unmerge"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_page)
        return [path("merge/", view, name="shortener_page_merge"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        pages: QuerySet[Page] = super().get_queryset(request).filter(registered=True)
        return pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"title": gettext("Pages"), **(extra_context or {})}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PageList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return found | by_short_link(queryset, search_term), may_repeat

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("shortener.change_link")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(f"shortener.{may}_link") for may in ("view", "change"))

    @admin.display(description=_("address"), ordering="destination")
    def address(self, page: Page) -> str:
        shown = page.destination.partition("://")[2]
        return format_html('<span class="address" dir="ltr" title="{}">{}</span>', shown, shown)

    @admin.display(description=_("first shared"), ordering="pk")
    def first_shared(self, page: Page) -> date:
        return timezone.localdate(page.created)

    @admin.display(description=_("state"))
    def state(self, page: Page) -> str:
        if page.merged_into is None:
            return mark("refused" if not page.active else state_of(page))
        return format_html(
            '{}<span class="merged-into">{}{}</span>',
            mark("merged"),
            format_html(
                gettext('into <a href="{address}">{title}</a>'),
                address=reverse("admin:shortener_link_change", args=[page.merged_into.pk]),
                title=Truncator(page.merged_into.title).chars(60),
            ),
            "" if page.active else f", {STATES['refused']}",
        )

    @admin.action(description=_("Refuse"), permissions=["change"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        alone = chosen_links(queryset.filter(active=True, merged_into=None))
        merged = queryset.filter(merged_into__isnull=False).count()
        refused = change_links(request, alone, gettext("Refused."), active=False)
        told = ngettext(
            "Refused: %(number)s page. Its buttons get no more codes, and short links already "
            "shared say that they have ended.",
            "Refused: %(number)s pages. Their buttons get no more codes, and short links already "
            "shared say that they have ended.",
            refused,
        )
        self.message_user(request, told % {"number": refused})
        if merged:
            told = ngettext(
                "%(number)s page left as before: the buttons of a merged page hand out another "
                "link. Unmerge it first, or switch that link off.",
                "%(number)s pages left as before: the buttons of a merged page hand out another "
                "link. Unmerge them first, or switch that link off.",
                merged,
            )
            self.message_user(request, told % {"number": merged}, messages.WARNING)

    @admin.action(description=_("Accept again"), permissions=["change"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        links = chosen_links(queryset.filter(active=False))
        accepted = change_links(request, links, gettext("Accepted again."), active=True)
        told = ngettext(
            "Accepted again: %(number)s page.", "Accepted again: %(number)s pages.", accepted
        )
        self.message_user(request, told % {"number": accepted})

    @admin.action(description=_("Unmerge"), permissions=["change"])
    def unmerge(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        links = chosen_links(queryset.filter(merged_into__isnull=False))
        unmerged = change_links(request, links, gettext("Unmerged."), merged_into=None)
        told = ngettext(
            "Unmerged: %(number)s page. It has its own codes again.",
            "Unmerged: %(number)s pages. Each has its own codes again.",
            unmerged,
        )
        self.message_user(request, told % {"number": unmerged})

    @admin.action(description=_("Merge into…"), permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Page]) -> HttpResponse | None:
        chosen = list(queryset.values_list("pk", "site_id")[: MERGED_AT_ONCE + 1])
        if len(chosen) > MERGED_AT_ONCE:
            error = gettext("At most %(number)s pages can be merged at once.") % {
                "number": MERGED_AT_ONCE
            }
        elif len({site for _, site in chosen}) > 1:
            error = gettext("Pages of several sites cannot be merged: choose those of one.")
        else:
            pages = ",".join(str(pk) for pk, _ in chosen)
            return redirect(f"{reverse('admin:shortener_page_merge')}?pages={pages}")
        self.message_user(request, error, messages.ERROR)
        return None

    def merge_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for the link that takes the chosen pages, and merge them."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        pages = list(self._chosen(request))
        if not pages or len({page.site_id for page in pages}) > 1:
            error = gettext("Choose pages of one site to merge.")
            self.message_user(request, error, messages.ERROR)
            return redirect("admin:shortener_page_changelist")
        form = MergeForm(request.POST if request.method == "POST" else None, site=pages[0].site)
        if form.is_valid():
            try:
                merge_told(request, [page.pk for page in pages], form.cleaned_data["into"].pk)
                return redirect("admin:shortener_page_changelist")
            except MergeError as error:
                form.add_error("into", str(error))
        title = ngettext("Merge %(number)s page", "Merge %(number)s pages", len(pages))
        return TemplateResponse(
            request,
            "admin/shortener/page/merge.html",
            {
                **self.admin_site.each_context(request),
                "title": title % {"number": len(pages)},
                "opts": self.opts,
                "pages": pages,
                "form": form,
                **self._candidates(request, pages),
            },
        )

    def _chosen(self, request: HttpRequest) -> QuerySet[Page]:
        numbers = [pk for pk in request.GET.get("pages", "").split(",") if pk.isdecimal()]
        wanted = [int(pk) for pk in numbers if len(pk) < 19][:MERGED_AT_ONCE]
        return self.get_queryset(request).filter(pk__in=wanted).select_related("site")

    def _candidates(self, request: HttpRequest, pages: list[Page]) -> dict[str, Any]:
        # Addresses of one and the same page mostly have the same title.
        query = request.GET.get("q", pages[0].title)
        links = Link.objects.live().filter(site=pages[0].site, merged_into=None)
        if len(pages) == 1:
            links = links.exclude(pk=pages[0].pk)
        found, _ = self.get_search_results(request, links, query)
        return {"query": query, "candidates": found.distinct()[:CANDIDATES]}


def chosen_links(pages: QuerySet[Page]) -> QuerySet[Link]:
    """Return pages as links, under which their history is kept."""
    return Link.objects.filter(pk__in=list(pages.values_list("pk", flat=True)))

"""UTM templates: whose they are, and what their tags come to."""

from django.urls import reverse

from shortener.models import Link, TagTemplate
from tests.factories import make_campaign, make_site
from tests.shortener.test_admin import AdminTestCase

TAGS = {"utm_source": "{channel}", "utm_campaign": "{campaign}", "utm_content": "{placement}"}


class TagTemplateTests(AdminTestCase):
    template: TagTemplate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.template = TagTemplate.objects.create(site=cls.site, name="Social", tags=TAGS)

    def result(self, **data):
        return self.client.post(reverse("admin:shortener_link_result"), data)

    def test_its_page_tells_what_the_tags_come_to(self):
        url = reverse("admin:shortener_tagtemplate_change", args=[self.template.pk])
        expected = (
            "https://example.com/?utm_campaign=summer&amp;utm_content=article-end"
            "&amp;utm_source=whatsapp&amp;gv={share}"
        )
        self.assertContains(self.client.get(url), expected)

    def test_the_result_follows_what_is_typed(self):
        campaign = make_campaign(site=self.site, slug="harvest")
        data = {"site": self.site.pk, "tags": "utm_medium=chat"}
        self.assertContains(self.result(**data), "https://example.com/?utm_medium=chat")

        data |= {"destination": "https://example.com/figs?a=1#top", "template": self.template.pk}
        self.assertContains(
            self.result(**data, campaign=campaign.pk),
            "https://example.com/figs?a=1&amp;utm_campaign=harvest&amp;utm_content=article-end"
            "&amp;utm_medium=chat&amp;utm_source=telegram&amp;gv={share}#top",
        )

    def test_what_is_wrong_is_said_while_it_is_typed(self):
        page = self.result(site=self.site.pk, tags="utm_source=Big Sale")
        self.assertContains(page, "holds a blank: write “Big-Sale”.")
        page = self.result(site=self.site.pk, tags="a={pet}")
        self.assertContains(page, "{pet} in “a” is not one of")
        assert self.result(site="", tags="a=1").content.strip() == b""

    def test_a_name_is_there_once_for_each_site(self):
        data = {"site": self.site.pk, "name": "Social", "tags": "a=1"}
        assert "already" in str(self.save(TagTemplate, data))
        assert self.save(TagTemplate, {**data, "site": make_site().pk}) == {}

    def test_members_see_and_choose_those_of_their_sites(self):
        foreign = TagTemplate.objects.create(site=make_site(name="Plums"), name="Jam", tags=TAGS)
        dan = self.make_editor("dan", ["view_tagtemplate", "add_tagtemplate", "add_link"])
        self.site.members.add(dan)
        self.client.force_login(self.as_member(dan))

        page = self.client.get(reverse("admin:shortener_tagtemplate_changelist"))
        assert list(page.context["cl"].result_list) == [self.template]
        errors = self.save(TagTemplate, {"site": foreign.site_id, "name": "x", "tags": "a=1"})
        assert "site" in errors
        errors = self.save(Link, self.link_data(template=foreign.pk))
        assert "Select a valid choice" in str(errors["template"])
        assert self.result(site=foreign.site_id, tags="a=1").content.strip() == b""
        self.client.force_login(self.cleo)
        assert self.result(site=self.site.pk).status_code == 403

    def test_its_tags_are_copied_onto_a_new_link_and_own_ones_win(self):
        data = self.link_data(template=self.template.pk, tags="utm_content=top")
        assert self.save(Link, data) == {}
        self.template.delete()

        assert Link.objects.get().tags == {**TAGS, "utm_content": "top"}

    def test_a_template_of_another_site_is_refused(self):
        other = TagTemplate.objects.create(site=make_site(), name="Jam", tags=TAGS)
        errors = self.save(Link, self.link_data(template=other.pk))

        assert errors == {"template": ["“Jam” is a template of another site."]}

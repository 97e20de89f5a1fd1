import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.test import TestCase, override_settings

from shortener.channels import BUTTONS
from tests.factories import make_link, make_site


@override_settings(PUBLIC_URL="https://go.example")
class ShareButtonsTests(TestCase):
    def render(self, link, arguments=""):
        template = Template(f"{{% load share %}}{{% share_buttons link {arguments} %}}")
        return template.render(Context({"link": link}))

    def test_it_shows_the_channels_of_the_site_in_their_order(self):
        link = make_link(site=make_site(channels=["copy", "whatsapp"]))
        html = self.render(link)

        assert html.index("Copy link") < html.index("WhatsApp")
        assert html.count("<a ") == html.count("<svg ") == 2

    def test_it_is_a_labelled_group(self):
        html = self.render(make_link())

        assert '<div class="grapevine-share" role="group" aria-label="Share">' in html
        assert html.count('aria-hidden="true"') == html.count("<svg ")

    def test_the_channels_can_be_named(self):
        html = self.render(make_link(), 'channels="sms email"')

        assert html.count("<a ") == 2
        assert html.index("SMS") < html.index("Email")

    def test_its_links_mint_a_share(self):
        link = make_link()
        html = self.render(link, 'channels="telegram"')

        assert f'href="https://go.example/share/telegram?link={link.code}"' in html
        assert 'rel="nofollow noopener"' in html

    def test_they_use_the_short_domain_of_the_site(self):
        link = make_link(site=make_site(domain="s.example"))

        assert f"https://s.example/share/whatsapp?link={link.code}" in self.render(link)

    def test_they_say_placement_and_text(self):
        html = self.render(make_link(), 'channels="x" placement="top" text="Read & \\"weep\\""')

        assert "&amp;placement=top&amp;text=Read+%26+%22weep%22" in html

    def test_only_web_pages_open_a_tab(self):
        link = make_link()

        assert 'target="_blank"' in self.render(link, 'channels="whatsapp"')
        for channel in ("sms", "email", "viber", "copy", "qr"):
            assert "target" not in self.render(link, f'channels="{channel}"')

    def test_it_escapes_what_it_shows(self):
        link = make_link(site=make_site(domain='"><script>'))

        assert "<script>" not in self.render(link)

    def test_a_button_that_is_not_there_is_named(self):
        with self.assertRaisesMessage(
            TemplateSyntaxError, "There is no share button 'imessage'. Known are: whatsapp,"
        ):
            self.render(make_link(), 'channels="sms imessage"')

    def test_it_asks_the_database_for_nothing_more(self):
        link = make_link()
        with self.assertNumQueries(0):
            self.render(link)


@pytest.mark.parametrize("channel", BUTTONS, ids=lambda channel: channel.name)
def test_each_button_has_an_icon(channel):
    icon = get_template(f"shortener/icons/{channel.name}.svg").render()

    assert icon.startswith('<svg viewBox="0 0 24 24"')
    assert "currentColor" in icon
    assert "style" not in icon

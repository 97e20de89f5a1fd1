"""What the demo magazine says in each language, beside the articles' own templates."""

from __future__ import annotations

from dataclasses import dataclass

from shortener.destinations import DEMO_PATH


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one language."""

    name: str
    """The same in all languages; its template and its picture are called so."""
    slug: str
    eyebrow: str
    title: str
    standfirst: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The magazine in one language."""

    language: str
    locale: str
    language_name: str
    path: str
    articles: tuple[Article, ...]
    tagline: str
    eyebrow: str
    title: str
    standfirst: str
    image_alt: str
    skip: str
    in_this_issue: str
    share: str
    share_labels: dict[str, str]
    """Buttons that are not called after an app."""
    hand_on: str
    thought_of_someone: str
    read_on: str
    front_page: str
    languages: str
    about: str
    make_a_chain: str
    counted: str
    buttons: str

    def path_of(self, article: Article) -> str:
        return f"{self.path}{article.slug}/"

    def articles_with_paths(self) -> list[tuple[Article, str]]:
        return [(article, self.path_of(article)) for article in self.articles]


ENGLISH = Edition(
    language="en",
    locale="en_GB",
    language_name="English",
    path=DEMO_PATH,
    articles=(
        Article(
            "news",
            "how-news-finds-its-way",
            "Field notes",
            "How news finds its way",
            "No channel has ever been faster than someone who knows what you would like to hear.",
        ),
        Article(
            "beans",
            "twelve-beans-in-an-envelope",
            "Kitchen garden",
            "Twelve beans in an envelope",
            "A seed you keep grows old in its drawer. A seed you give away has somewhere to be "
            "next spring.",
        ),
        Article(
            "song",
            "the-song-with-two-endings",
            "Thursdays",
            "The song with two endings",
            "We had it from someone who had it from someone. Nobody in the kitchen ever knew "
            "the whole of it.",
        ),
    ),
    tagline="A magazine of small news",
    eyebrow="This season",
    title="How news travels by word of mouth",
    standfirst="Three pieces about things that were handed on: a bit of news, twelve beans and "
    "a song. Pass on the one that made you think of somebody.",
    image_alt="“How news finds its way”, above a vine that branches from reader to reader",
    skip="Skip to the text",
    in_this_issue="In this issue",
    share="Share",
    share_labels={},
    hand_on="Know someone who should read this?",
    thought_of_someone="Thought of someone already?",
    read_on="Read on",
    front_page="Front page",
    languages="Language",
    about="These pages show Grapevine at work. Each button hands out a link of its own, and "
    "every opening of it is counted: how far it travels, not who reads it.",
    make_a_chain="To see a chain grow, press a button, open the link in another browser, and "
    "press again there.",
    counted="See what was counted",
    buttons="See what the buttons can do",
)

SPANISH = Edition(
    language="es",
    locale="es_ES",
    language_name="Español",
    path=f"{DEMO_PATH}es/",
    articles=(
        Article(
            "news",
            "como-se-abren-paso-las-noticias",
            "Cuaderno de campo",
            "Cómo se abren paso las noticias",
            "Ningún canal ha sido nunca más rápido que alguien que sabe lo que te gustaría oír.",
        ),
        Article(
            "beans",
            "doce-judias-en-un-sobre",
            "El huerto",
            "Doce judías en un sobre",
            "La semilla que se guarda envejece en el cajón. La que se regala ya tiene dónde "
            "estar la primavera que viene.",
        ),
        Article(
            "song",
            "la-cancion-de-los-dos-finales",
            "Los jueves",
            "La canción de los dos finales",
            "Nos la enseñó alguien que la había aprendido de alguien. En aquella cocina nadie "
            "la supo nunca entera.",
        ),
    ),
    tagline="Una revista de noticias menudas",
    eyebrow="Esta temporada",
    title="Cómo viajan las noticias de boca en boca",
    standfirst="Tres textos sobre cosas que pasaron de mano en mano: una noticia, doce judías y "
    "una canción. Pasa el que te haya recordado a alguien.",
    image_alt="«How news finds its way», sobre una vid que se ramifica de lector en lector",
    skip="Saltar al texto",
    in_this_issue="En este número",
    share="Compartir",
    share_labels={"email": "Correo", "copy": "Copiar enlace", "native": "Compartir…"},
    hand_on="¿Sabes a quién le gustaría leer esto?",
    thought_of_someone="¿Ya has pensado en alguien?",
    read_on="Sigue leyendo",
    front_page="Portada",
    languages="Idioma",
    about="Estas páginas muestran Grapevine en marcha. Cada botón entrega un enlace propio, y "
    "se cuenta cada vez que alguien lo abre: hasta dónde llega, no quién lo lee.",
    make_a_chain="Para ver crecer una cadena, pulsa un botón, abre el enlace en otro navegador "
    "y vuelve a pulsar allí.",
    counted="Ver lo que se ha contado",
    buttons="Ver lo que saben hacer los botones (en inglés)",
)

EDITIONS = {edition.language: edition for edition in (ENGLISH, SPANISH)}

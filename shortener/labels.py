"""The words on share buttons, in the languages of the pages they stand on.

To add a language, add a row. ``share.js`` holds English itself and asks for the others
where a page needs one.
"""

from __future__ import annotations

from typing import NamedTuple

from shortener.channels import Channel


class Labels(NamedTuple):
    """What the buttons say in one language."""

    share: str
    copy: str
    copied: str
    paste: str
    """What follows ``copied``: where to paste it. ``{}`` is the app."""
    email: str

    def of(self, channel: Channel) -> str:
        """Return what stands on the channel's button."""
        if channel.name == "native":
            return f"{self.share}…"
        if channel.name in {"copy", "email"}:
            label: str = getattr(self, channel.name)
            return label
        return "QR" if channel.name == "qr" else channel.label


_WORDS = {
    "en": "Share|Copy link|Link copied|paste it in {}|Email",
    "es": "Compartir|Copiar enlace|Enlace copiado|pégalo en {}|Correo",
    "pt-br": "Compartilhar|Copiar link|Link copiado|cole no {}|E-mail",
    "pt": "Partilhar|Copiar ligação|Ligação copiada|cole-a no {}|E-mail",
    "fr": "Partager|Copier le lien|Lien copié|collez-le dans {}|E-mail",
    "de": "Teilen|Link kopieren|Link kopiert|in {} einfügen|E-Mail",
    "it": "Condividi|Copia link|Link copiato|incollalo in {}|Email",
    "nl": "Delen|Link kopiëren|Link gekopieerd|plak hem in {}|E-mail",
    "sv": "Dela|Kopiera länk|Länken är kopierad|klistra in den i {}|E-post",
    "id": "Bagikan|Salin tautan|Tautan disalin|tempelkan di {}|Email",
    "hi": "साझा करें|लिंक कॉपी करें|लिंक कॉपी हो गया|इसे {} में पेस्ट करें|ईमेल",
    "ar": "مشاركة|نسخ الرابط|تم نسخ الرابط|الصقه في {}|بريد إلكتروني",
    "tr": "Paylaş|Bağlantıyı kopyala|Bağlantı kopyalandı|{} içine yapıştırın|E-posta",
    "ru": "Поделиться|Копировать ссылку|Ссылка скопирована|вставьте её в {}|Эл. почта",
    "uk": "Поділитися|Копіювати посилання|Посилання скопійовано|вставте його в {}|Ел. пошта",
    "pl": "Udostępnij|Kopiuj link|Link skopiowany|wklej go w {}|E-mail",
    "ja": "共有|リンクをコピー|リンクをコピーしました|{}に貼り付けてください|メール",
    "ko": "공유|링크 복사|링크를 복사했습니다|{}에 붙여넣으세요|이메일",
    "zh": "分享|复制链接|链接已复制|请粘贴到 {}|电子邮件",
    "zh-hant": "分享|複製連結|已複製連結|請貼到 {}|電子郵件",
}
# Pages in the traditional script say where it is read more often than how it is called.
_WORDS |= dict.fromkeys(("zh-tw", "zh-hk"), _WORDS["zh-hant"])
LABELS = {language: Labels(*words.split("|")) for language, words in _WORDS.items()}


def labels(language: str) -> Labels:
    """Return the labels of a language such as ``pt-BR``; English where there are none."""
    language = language.lower()
    return LABELS.get(language) or LABELS.get(language.partition("-")[0]) or LABELS["en"]

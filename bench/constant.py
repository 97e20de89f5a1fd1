"""The least that a WSGI server can do: the same 302 for everyone."""

HEADERS = [
    ("Location", "https://example.com/article?utm_source=whatsapp&gv=Ab3dE9xZq"),
    ("Cache-Control", "private, no-store"),
    ("Content-Length", "0"),
]


def application(environ, start_response):
    start_response("302 Found", HEADERS)
    return [b""]

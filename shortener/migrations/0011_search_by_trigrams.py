"""Indexes on PostgreSQL that find a part of a title, slug or address.

The extension comes with PostgreSQL, and whoever owns the database may install it. Where it
cannot be had, searching reads the whole table, as it does on SQLite.
"""

from django.db import migrations

COLUMNS = ("title", "slug", "destination")
MAY_HAVE = """
SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') OR (
    EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm')
    AND has_database_privilege(current_database(), 'CREATE')
)
"""


def add_indexes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(MAY_HAVE)
        if not cursor.fetchone()[0]:
            return
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for column in COLUMNS:
            # What Django's ``icontains`` compares.
            cursor.execute(
                f"CREATE INDEX link_by_part_of_{column} ON shortener_link"
                f" USING gin (UPPER({column}::text) gin_trgm_ops)"
            )
        # Else the planner guesses how many rows hold a part, until the table has changed a lot.
        cursor.execute("ANALYZE shortener_link")


def remove_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(f"DROP INDEX IF EXISTS link_by_part_of_{column}")


class Migration(migrations.Migration):

    dependencies = [
        ('shortener', '0010_duplicates_by_page'),
    ]

    operations = [migrations.RunPython(add_indexes, remove_indexes)]

"""A later migration: it rebuilds the tables that it changes, and Django checks every foreign key when it is done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField("book", "pages", models.IntegerField(default=0)),
        migrations.AlterField("author", "name", models.CharField(max_length=120)),
        migrations.AlterField("place", "name", models.CharField(max_length=120, db_index=True)),
    ]

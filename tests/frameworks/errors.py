"""Makes Django's own errors in the folder argv[1], each with a copy of the database, and writes them as JSON."""

import json
import shutil
import sys
import traceback

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{sys.argv[1]}/db.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[],
    USE_TZ=False,
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402


class Person(models.Model):
    email = models.CharField(max_length=50)
    name = models.CharField(max_length=50, null=True)
    age = models.IntegerField(default=0)

    class Meta:
        app_label = "shop"


class Club(models.Model):
    title = models.CharField(max_length=50, unique=True)
    members = models.ManyToManyField(Person)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    person = models.ForeignKey(Person, models.DO_NOTHING)
    number = models.IntegerField()

    class Meta:
        app_label = "shop"
        constraints = (
            models.UniqueConstraint(fields=["person", "number"], name="one_number"),
            models.CheckConstraint(condition=models.Q(number__gt=0), name="positive"),
        )


with connection.schema_editor() as editor:
    for model in (Person, Club, Order):
        editor.create_model(model)

ann, bob, cid = (Person.objects.create(email=e, name=n) for e, n in (("a@x", "ann"), ("a@x", None), ("c@x", "cid")))
club = Club.objects.create(title="chess")
club.members.add(ann, bob)
Order.objects.create(person=ann, number=1)
Order.objects.create(person=cid, number=2)
with connection.cursor() as cursor:  # a join table that the models have forgotten
    cursor.execute(
        "CREATE TABLE shop_old_badge (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES shop_person"
        " DEFERRABLE INITIALLY DEFERRED)"
    )
    cursor.execute("INSERT INTO shop_old_badge VALUES (31, 3)")


def changed(model, name, **how):
    old = model._meta.get_field(name)
    new = old.clone()
    for word, value in how.items():
        setattr(new, word, value)
    new.set_attributes_from_name(name)
    new.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, old, new)


def unique_migration():
    changed(Person, "email", _unique=True)


def not_null_migration():
    changed(Person, "name", null=False)


def check_migration():
    added = models.CheckConstraint(condition=models.Q(number__gt=1), name="more_than_one")
    Order._meta.constraints.append(added)
    try:
        with connection.schema_editor() as editor:
            editor.add_constraint(Order, added)
    finally:
        Order._meta.constraints.remove(added)


def unique_save():
    Order.objects.create(person=ann, number=1)


def check_save():
    Order.objects.create(person=ann, number=-1)


def not_null_save():
    Order.objects.create(person=ann, number=None)


def delete_forgotten():
    Order.objects.filter(person=cid).delete()
    with transaction.atomic():
        Person.objects.filter(pk=cid.pk).delete()


def orphan_check():
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM shop_person WHERE id = 2")
    connection.check_constraints()


def stale_reference():
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shop_note (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES shop_person__old)")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_note VALUES (1, 1)")


found = {}
for case in (
    unique_migration,
    not_null_migration,
    check_migration,
    unique_save,
    check_save,
    not_null_save,
    delete_forgotten,
    orphan_check,
    stale_reference,
):
    try:
        case()
    except Exception:
        found[case.__name__] = traceback.format_exc()
    connection.close()
    shutil.copyfile(f"{sys.argv[1]}/db.sqlite3", f"{sys.argv[1]}/{case.__name__}.db")
json.dump(found, sys.stdout)

"""What the test asks of Django, each in a process of its own: ``python drive.py fill|check|state|save|delete``."""

import json
import sys
import uuid

import django
from django.db import IntegrityError, connection, transaction

django.setup()

from library.models import (  # noqa: E402
    Author,
    Book,
    Branch,
    Club,
    Country,
    Loan,
    Membership,
    Permit,
    Place,
    Profile,
    Publisher,
    Reader,
    Shelf,
    Shop,
    Tag,
)

MODELS = [
    Loan,
    Branch,
    Permit,
    Reader,
    Country,
    Shelf,
    Shop,
    Place,
    Membership,
    Club,
    Profile,
    Book,
    Tag,
    Publisher,
    Author,
]
"""Children before parents."""


@transaction.atomic
def fill():
    authors = [Author.objects.create(pk=n, name=f"author {n}") for n in range(1, 5)]
    publishers = [Publisher.objects.create(pk=n, name=f"publisher {n}") for n in (1, 2)]
    tags = [Tag.objects.create(pk=n, name=f"tag {n}") for n in (1, 2, 3)]
    for author in authors[:3]:
        Profile.objects.create(pk=10 + author.pk, author=author)
    for n in range(1, 10):
        book = Book.objects.create(
            pk=n, title=f"book {n}", author=authors[(n - 1) % 3], publisher=publishers[(n - 1) % 2]
        )
        book.tags.set([tags[0], tags[n % 3]])
    Book.objects.get(pk=1).tags.add(tags[2])
    for one, other in ((1, 3), (1, 4), (3, 2), (6, 7)):
        Book.objects.get(pk=one).related.add(Book.objects.get(pk=other))
    for club, members in ((1, (1, 2, 3)), (2, (1, 4))):
        made = Club.objects.create(pk=club, name=f"club {club}")
        for member in members:
            made.members.add(authors[member - 1], through_defaults={"role": "reader"})
    shops = [Shop.objects.create(pk=n, name=f"shop {n}") for n in (1, 2)]
    Place.objects.create(pk=3, name="park")
    for n in (1, 2, 3):
        Shelf.objects.create(pk=n, shop=shops[(n - 1) % 2], label=f"shelf {n}")
    countries = [Country.objects.create(pk=n, code=code) for n, code in ((1, "no"), (2, "se"), (3, "dk"))]
    readers = [
        Reader.objects.create(pk=uuid.UUID(int=n << 64), card=f"card {n}", details={"n": n} if n % 2 else None)
        for n in range(1, 5)
    ]
    for reader in readers:
        for country in countries[:2]:
            Permit.objects.create(country=country, reader=reader)
    branches = [Branch.objects.create(pk=n, country=countries[n % 3], hours={"from": n}) for n in range(1, 5)]
    for n in range(1, 9):
        Loan.objects.create(pk=n, reader=readers[n % 4], branch=branches[n // 3], notes=[n, {"late": n % 2 == 0}])


def check():
    try:
        connection.check_constraints()
    except IntegrityError as error:
        print(error)
        sys.exit(1)


def state():
    """What the application sees, by way of its queries."""
    books = Book.objects.select_related("author", "publisher").order_by("pk")
    print(
        json.dumps(
            {
                "books": {
                    book.pk: {
                        "author": book.author.name,
                        "publisher": book.publisher and book.publisher.name,
                        "tags": sorted(book.tags.values_list("pk", flat=True)),
                        "related": sorted(book.related.values_list("pk", flat=True)),
                    }
                    for book in books
                },
                "profiles": sorted(Profile.objects.values_list("author__name", flat=True)),
                "clubs": {
                    club.pk: sorted(club.members.values_list("pk", flat=True)) for club in Club.objects.order_by("pk")
                },
                "roles": sorted(Membership.objects.values_list("author", "role")),
                "places": sorted(Place.objects.values_list("name", flat=True)),
                "shops": sorted(Shop.objects.values_list("name", flat=True)),
                "shelves": sorted(Shelf.objects.values_list("shop__name", "label")),
                "permits": sorted(Permit.objects.values_list("country__code", "reader__card")),
                "branches": {branch.pk: branch.hours for branch in Branch.objects.order_by("pk")},
                "loans": {
                    loan.pk: [loan.reader.card, loan.branch_id, loan.notes]
                    for loan in Loan.objects.select_related("reader").order_by("pk")
                },
                "tagged 1": sorted(Tag.objects.get(pk=1).book_set.values_list("pk", flat=True)),
            }
        )
    )


def save():
    """Save every object, each in a transaction of its own: foreign keys are checked at each COMMIT."""
    for model in MODELS:
        for thing in model.objects.all():
            thing.save()


def delete():
    for model in MODELS:
        for thing in model.objects.all():
            thing.delete()
    print(sum(model.objects.count() for model in MODELS))


{"fill": fill, "check": check, "state": state, "save": save, "delete": delete}[sys.argv[1]]()

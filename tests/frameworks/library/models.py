"""Every kind of relationship that Django knows, once or more."""

import uuid

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=80)


class Profile(models.Model):
    author = models.OneToOneField(Author, on_delete=models.CASCADE)
    about = models.TextField(blank=True)


class Publisher(models.Model):
    name = models.CharField(max_length=80)


class Tag(models.Model):
    name = models.CharField(max_length=80, unique=True)


class Book(models.Model):
    title = models.CharField(max_length=80)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    publisher = models.ForeignKey(Publisher, null=True, blank=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag)
    related = models.ManyToManyField("self")


class Club(models.Model):
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(Author, through="Membership")


class Membership(models.Model):
    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    role = models.CharField(max_length=80)


class Place(models.Model):
    name = models.CharField(max_length=80)


class Shop(Place):
    open_on_sunday = models.BooleanField(default=False)


class Shelf(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    label = models.CharField(max_length=80)


class Country(models.Model):
    code = models.CharField(max_length=2, unique=True)
    readers = models.ManyToManyField("Reader", through="Permit")


class Reader(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    card = models.CharField(max_length=20, unique=True)
    details = models.JSONField(null=True)


class Permit(models.Model):
    country = models.ForeignKey(Country, to_field="code", on_delete=models.CASCADE)
    reader = models.ForeignKey(Reader, to_field="card", on_delete=models.CASCADE)


class Branch(models.Model):
    country = models.ForeignKey(Country, to_field="code", on_delete=models.CASCADE)
    hours = models.JSONField(default=dict)


class Loan(models.Model):
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
    branch = models.ForeignKey(Branch, null=True, on_delete=models.SET_NULL)
    notes = models.JSONField(default=list)

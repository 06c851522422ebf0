"""Every kind of relationship that Django knows, once or more."""

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

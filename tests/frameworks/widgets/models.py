"""Widgets with a group of administrators each, which was forgotten at first."""

from django.contrib.auth.models import Group
from django.db import models


class Widget(models.Model):
    """A widget; its group is to be required."""

    name = models.CharField(max_length=100)
    group = models.OneToOneField(Group, null=True, on_delete=models.PROTECT)

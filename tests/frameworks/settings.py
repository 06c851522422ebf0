"""Settings of the Django project in this folder; the database is named by DATABASE in the environment."""

import os

SECRET_KEY = "no secret: the project lives as long as one test"
INSTALLED_APPS = ["library"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

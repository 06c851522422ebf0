"""Settings of the Django projects in this folder; the database is named by DATABASE, the apps by APPS."""

import os

SECRET_KEY = "no secret: the project lives as long as one test"
INSTALLED_APPS = os.environ.get("APPS", "library").split()
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

"""The Celery app, configured as the platform's: from the Django settings, under the old names."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings.lms")

APP = Celery("demo")
APP.config_from_object("django.conf:settings")
APP.autodiscover_tasks()

"""Settings, read from the environment (see `.env.example`). A wrong value stops the start."""

from pickeez_site.settings.base import *
from pickeez_site.settings.celery import *
from pickeez_site.settings.cors import *
from pickeez_site.settings.data import *
from pickeez_site.settings.messages import *
from pickeez_site.settings.operations import *
from pickeez_site.settings.safety import *
from pickeez_site.settings.serving import *
from pickeez_site.settings.web import *
from pickeez_site.settings.work import *

"""Measurements of speed and memory, as ratios.

Importing this package sets up Django with a temporary data folder, so that measurements can import models at the
top.
"""

import atexit
import os
import tempfile

import django

_folder = tempfile.TemporaryDirectory(prefix="bench-")
atexit.register(_folder.cleanup)
os.environ |= {"DATA_DIR": _folder.name, "AWS_STORAGE_BUCKET_NAME": ""}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pickeez_site.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
# Must be set before numpy is imported. As in our servers, several processes use the cores, and not threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
django.setup()

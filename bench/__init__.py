"""Speed and memory, as ratios.

Importing this package sets Django up over a temporary folder, so that measurements import models as all code does.
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
# Before numpy is imported. As in our processes: processes use the cores, not threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
django.setup()

"""The resident memory of a new web process and of a new worker, in megabytes.

`python -m bench.memory`; The worker processes `PICTURES` pictures, each `TIMES` times.
"""

import os
import subprocess
import sys
import tempfile

from bench.sizes import size

WEB_AT_MOST, WORKER_AT_MOST = 150, 450
DISTINCT, TIMES = size("PICTURES", 4, 1), size("TIMES", 5, 2)
RESIDENT = (
    "print(*(int(line.split()[1]) // 1024 for line in open('/proc/self/status') if line.startswith('VmRSS')))"
)
WEB = f"""
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
client = Client(headers={{"host": "localhost"}})
for path in ("/ping", "/me", "/routes", "/login/phone/confirm"):
    client.get(path)
import sys
heavy = {{"deepface", "cv2", "dlib", "onnxruntime"}} & set(sys.modules)
assert not heavy, heavy
{RESIDENT}
"""
WORKER = f"""
from bench.pictures import phone_pictures
from faces.engine import get_engine
from photos.images import make_renditions, read_picture
for content in phone_pictures({DISTINCT}) * {TIMES}:
    picture = read_picture(content)
    list(make_renditions(picture, "PROOF"))
    get_engine().find_faces(picture.pixels)
{RESIDENT}
"""


def run() -> None:
    """Prints megabytes, and how many they may be."""
    print(f"memory of the web process: {_megabytes(WEB)} MB (at most {WEB_AT_MOST})")
    worker = _megabytes(WORKER)
    print(
        f"memory of a worker's process after {DISTINCT * TIMES} pictures: {worker} MB (at most {WORKER_AT_MOST})"
    )


def _megabytes(code: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATA_DIR": folder, "DATABASE_URL": ""}
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(run.stdout.split()[-1])


if __name__ == "__main__":
    run()

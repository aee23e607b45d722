"""The processing of albums, photos and faces."""

from pickeez_site import env
from pickeez_site.settings.base import DATA_DIR

ALBUM_PROCESSOR = env.choice("ALBUM_PROCESSOR", ("builtin", "external"), "builtin")
ALGO_PASSWORD = env.text("ALGO_PASSWORD")
ALBUM_QUIET_SECONDS = env.integer("ALBUM_QUIET_SECONDS", 60)
# An album that an outside algorithm has taken is handed out again when nothing was heard of it for so long.
ALGO_LEASE_SECONDS = env.integer("ALGO_LEASE_SECONDS", 3600, minimum=1, maximum=30 * 24 * 3600)
LEASE_SECONDS = 15
PROCESSING_TRIES = 3  # a photo that killed its worker this many times becomes failed
SWEEP_SECONDS = 10
SELFIE_WAIT_SECONDS = 10
WATERMARK_TEXT = env.text("WATERMARK_TEXT", "PROOF")
FACE_ENGINE = env.dotted_path("FACE_ENGINE", "faces.engine.deepface.DeepFaceEngine")
FACE_MODEL = env.text("FACE_MODEL", "MobileFaceNet")
FACE_DETECTOR = env.text("FACE_DETECTOR", "centerface")
DEEPFACE_HOME = env.directory("DEEPFACE_HOME", DATA_DIR / "deepface")
LOOKS_DIR = DATA_DIR / "looks"  # copies of rows of the database, which may be deleted at any time
OBJECT_MODEL = env.file("OBJECT_MODEL", DATA_DIR / "models" / "FastestDet.onnx")
OBJECT_MODEL_URL = env.url("OBJECT_MODEL_URL")  # empty: where its authors have it
# PictoPy requests from this machine without a token use the library of this user (an id or a verified phone).
LOCAL_LIBRARY_USER = env.id_or_phone("LOCAL_LIBRARY_USER")
# The origins of the desktop client's web view: in development, on Linux and macOS, and on Windows.
LOCAL_LIBRARY_ORIGINS = env.web_origins(
    "LOCAL_LIBRARY_ORIGINS",
    ["http://localhost:1420", "tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"],
    schemes=["http", "https", "tauri"],
)
# The folder in a folder of pictures that has their thumbnails, where PictoPy's own client looks for them.
THUMBNAIL_FOLDER = "PictoPy.thumbnails"
IMPORT_ROOTS = env.directories("IMPORT_ROOTS")
# Those who may import from these directories, besides the user of the local library.
IMPORT_USERS = env.ids_or_phones("IMPORT_USERS")

"""Celery: the broker, the queues, and the periodic tasks."""

from celery.schedules import crontab
from kombu import Exchange, Queue

from photos.stages import STAGES
from pickeez_site import env
from pickeez_site.settings.base import DATA_DIR
from pickeez_site.settings.data import BROKER_PREFIX
from pickeez_site.settings.work import SWEEP_SECONDS

_broker_dir = DATA_DIR / "broker"
EMBEDDED_BROKER = "filesystem://localhost"
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", EMBEDDED_BROKER)
# The longest time of a task. RabbitMQ closes a channel on which a message was not acknowledged for 30 minutes.
LONG_TASK_SECONDS = 25 * 60
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    # Redis delivers a message again when it was not acknowledged for this long. It must be more than the longest
    # task.
    "visibility_timeout": 30 * 60,
    "global_keyprefix": BROKER_PREFIX,
    # A request or a worker must not wait long for a broker that is unreachable.
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
if CELERY_BROKER_URL == EMBEDDED_BROKER:
    CELERY_BROKER_TRANSPORT = "pickeez_site.serving.embedded_broker:Transport"
    for _name in ("messages", "control"):
        (_broker_dir / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker_dir / "messages"),
        "data_folder_out": str(_broker_dir / "messages"),
        "control_folder": str(_broker_dir / "control"),
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith("amqp"):
    # A message counts as published when the broker has confirmed it. A broker that blocks a socket for more than
    # 5 seconds counts as unreachable.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker without limit
# A web request must not wait for an unreachable broker. It tries once more; then the sweep finds the work in the
# database.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TASK_IGNORE_RESULT = True  # the database knows which work is done
# The broker keeps a message until its task has ended, also when the process that ran the task was killed …
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# … and when the connection to the broker was lost meanwhile. The message is then delivered twice, but the work is
# done once, because it is claimed in the database.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# A process takes only the message that it works on. A second one would wait there while another process is idle.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Work on one photo, selfie or album takes seconds. A task that hangs is stopped; its lease lapses, which counts as
# a try.
CELERY_TASK_SOFT_TIME_LIMIT = 4 * 60
CELERY_TASK_TIME_LIMIT = 5 * 60
# Native libraries do not give memory back. A child process that uses more than this is replaced after its task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1024 * env.integer("WORKER_CHILD_MEMORY_MB", 600, minimum=200)  # KiB
# Separate queues, so that short work for which a user waits is never behind long work. One worker takes from all
# queues in turn; several workers can divide the queues among them (`--queues`).
QUEUES = ("quick", "selfies", "pictures", "faces", "bulk")
# In Redis, all keys have the prefix already (`global_keyprefix`).
_prefix = "" if CELERY_BROKER_URL.startswith("redis") else BROKER_PREFIX
CELERY_TASK_DEFAULT_QUEUE = f"{_prefix}quick"
BULK_QUEUE = f"{_prefix}bulk"
_exchange = Exchange(f"{_prefix}tasks")
# Workers of another installation on the same broker must not receive the control messages for these …
CELERY_CONTROL_EXCHANGE = f"{_prefix}celery"
# … and a worker that was killed must not block its successor's mailbox until RabbitMQ notices that it is gone.
CELERY_CONTROL_QUEUE_EXCLUSIVE = False
CELERY_CONTROL_QUEUE_DURABLE = True  # RabbitMQ will refuse queues that are neither durable nor exclusive
CELERY_TASK_QUEUES = [Queue(f"{_prefix}{_name}", _exchange, routing_key=f"{_prefix}{_name}") for _name in QUEUES]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    task: {"queue": f"{_prefix}{queue}"}
    for queue, tasks in {
        "selfies": ["faces.tasks.process_selfie"],
        "faces": ["faces.tasks.assign_faces", "faces.tasks.process_album"],
        "bulk": [
            "faces.tasks.recluster_faces",
            "faces.tasks.recluster_library",
            "photos.tasks.continue_folders",
            "photos.tasks.make_zip",
            "photos.tasks.purge_deleted",
            "profiles.tasks.derive_profiles",
        ],
    }.items()
    for task in tasks
} | {stage.task: {"queue": f"{_prefix}{stage.queue}"} for stage in STAGES}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "core.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "deliver-messages": {"task": "accounts.tasks.deliver_messages", "schedule": 30, "options": {"expires": 30}},
    "remove-files": {"task": "photos.tasks.remove_files", "schedule": 60, "options": {"expires": 60}},
    "collect-uploads": {
        "task": "photos.tasks.collect_uploads",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "continue-folders": {"task": "photos.tasks.continue_folders", "schedule": 30, "options": {"expires": 30}},
    "recluster-faces": {"task": "faces.tasks.recluster_faces", "schedule": crontab(hour=4, minute=10)},
    "sweep-zips": {"task": "photos.tasks.sweep_zips", "schedule": 30, "options": {"expires": 30}},
    "derive-profiles": {"task": "profiles.tasks.derive_profiles", "schedule": crontab(hour=3, minute=30)},
    "purge-deleted": {"task": "photos.tasks.purge_deleted", "schedule": 3600, "options": {"expires": 3600}},
}

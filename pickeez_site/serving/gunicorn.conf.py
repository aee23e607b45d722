"""Configuration of gunicorn: it manages the processes; `serving/web_server` serves in each."""

import os

from pickeez_site import env
from pickeez_site.serving.web_server.worker import WebWorker, assign_connections

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "pickeez_site.wsgi:application"
worker_class = WebWorker
pre_fork = assign_connections
workers = env.integer("WEB_PROCESSES", len(os.sched_getaffinity(0)), minimum=1)
timeout = 60
graceful_timeout = 8
backlog = 1024
control_socket_disable = True  # two servers on one machine would share it

# `pickeez_site.operations.observing` logs the requests, because it knows which parts of a path are secret.
accesslog = None
if os.environ.get("LOG_FORMAT", "").strip() == "json":  # gunicorn's own lines, too
    from pickeez_site.operations.observing.logs import server_configuration

    logconfig_dict = server_configuration("json")

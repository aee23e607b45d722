"""gunicorn: one light process, many threads."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "pickeez_site.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = 8
timeout = 60
graceful_timeout = 8
keepalive = 5
control_socket_disable = True  # two servers on one machine would share it

# `api_key` is the one header with an underscore that is let in, from any peer. Who the client is, which scheme it
# used, is decided by TRUSTED_PROXIES in Django and not here.
forwarder_headers = "API_KEY"
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}

# Requests are logged by `pickeez_site.operations.observing`, which knows what in a path is secret.
accesslog = None
if os.environ.get("LOG_FORMAT", "").strip() == "json":  # the server's own lines, too
    from pickeez_site.operations.observing.logs import server_configuration

    logconfig_dict = server_configuration("json")

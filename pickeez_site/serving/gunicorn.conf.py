"""Configuration of gunicorn: one process with eight threads."""

import os

from pickeez_site.serving.http_server import MAX_REQUEST_LINE, adapt_gunicorn

adapt_gunicorn()
limit_request_line = MAX_REQUEST_LINE
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "pickeez_site.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = 8
timeout = 60
graceful_timeout = 8
keepalive = 5
control_socket_disable = True  # two servers on one machine would share it

# gunicorn accepts one header with an underscore, `api_key`, from any peer. The client's address and scheme are
# decided in Django, by TRUSTED_PROXIES, and not here.
forwarder_headers = "API_KEY"
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}

# `pickeez_site.operations.observing` logs the requests, because it knows which parts of a path are secret.
accesslog = None
if os.environ.get("LOG_FORMAT", "").strip() == "json":  # gunicorn's own lines, too
    from pickeez_site.operations.observing.logs import server_configuration

    logconfig_dict = server_configuration("json")

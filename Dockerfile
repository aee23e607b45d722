# Two images: `web`, which serves and schedules, and `worker`, which adds what looks at pictures.
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH \
    HOST=0.0.0.0 DATA_DIR=/data LOG_FORMAT=json \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MALLOC_ARENA_MAX=2
RUN useradd --uid 10001 --create-home pickeez && install --directory --owner pickeez /data
WORKDIR /app

FROM base AS web-packages
COPY requirements-web.txt constraints.txt ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --upgrade pip setuptools -c constraints.txt \
    && pip install --no-cache-dir --disable-pip-version-check -r requirements-web.txt -c constraints.txt

FROM web-packages AS worker-packages
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c constraints.txt

FROM base AS web
COPY --from=web-packages /opt/venv /opt/venv
COPY . .
USER pickeez
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "pickeez_site/serving/gunicorn.conf.py"]

FROM base AS worker
COPY --from=worker-packages /opt/venv /opt/venv
COPY . .
USER pickeez
VOLUME /data
# The worker's main process serves its metrics: who answers there is alive. The port is open to the stack alone.
ENV METRICS_HOST=0.0.0.0 METRICS_PORT=9100
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9100/', timeout=4)"]
CMD ["celery", "--quiet", "--app", "pickeez_site", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]

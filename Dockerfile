# Brigada's API. PostgreSQL, Redis and TLS are other containers (compose.yaml).
FROM python:3.12-slim-bookworm AS build

WORKDIR /opt/brigada
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv .venv
COPY requirements-bootstrap.lock requirements.lock ./
RUN .venv/bin/python -m pip install --require-hashes --only-binary :all: -r requirements-bootstrap.lock \
    && .venv/bin/uv --no-config pip install --python .venv/bin/python --no-cache --require-hashes \
        --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY migrations ./migrations
RUN .venv/bin/python -m pip install --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /var/lib/brigada --create-home brigada
COPY --from=build /opt/brigada/.venv /opt/brigada/.venv
ENV PATH=/opt/brigada/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BRIGADA_HOST=0.0.0.0 \
    BRIGADA_PORT=8000 \
    BRIGADA_DATA_DIR=/var/lib/brigada
WORKDIR /var/lib/brigada
USER brigada
VOLUME /var/lib/brigada
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["brigada", "health"]
CMD ["brigada", "serve"]

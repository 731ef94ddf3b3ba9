# What ships as a service (docs/daily.md). Build it in the project's folder after `dvc repro`, which makes data/models.
FROM python:3.11.13-slim-bookworm

# Where else pip may look, such as for a torch without CUDA, which is gigabytes smaller.
ARG PIP_EXTRA_INDEX_URL=
# The folder of the model: what ships, or any other contender of data/models.
ARG MODEL=data/models/shipped

# LightGBM's library of threads
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home serve
WORKDIR /project
COPY requirements.txt requirements-serve.txt constraints.txt ./
RUN pip install --no-cache-dir --requirement requirements-serve.txt
COPY src src
COPY ${MODEL} data/models/shipped

ENV PYTHONPATH=/project/src PYTHONDONTWRITEBYTECODE=1
USER serve
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=5); c.request('GET', '/health'); assert c.getresponse().status == 200"]
# All addresses of the container: which of them others reach is for `docker run --publish` to say.
CMD ["python", "-m", "buysignal", "serve", "--host", "0.0.0.0", "--port", "8000"]

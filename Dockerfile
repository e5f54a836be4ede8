# The app on a CPU, as a user without rights: docker build -t fer_demo . && docker run --rm -p 7860:7860 fer_demo
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 visitor

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE app.py ./
COPY fer_demo fer_demo
# Name PyTorch's CPU package index here, and the image is several gigabytes smaller:
# docker build --build-arg PIP_EXTRA_INDEX_URL=... -t fer_demo .
ARG PIP_EXTRA_INDEX_URL=
RUN pip install --no-cache-dir -c constraints.txt . && rm -rf build

USER visitor
ENV GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    OMP_NUM_THREADS=1 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:7860', timeout=5)"
CMD ["python", "app.py"]

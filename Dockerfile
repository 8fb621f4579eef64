# One image for every process of the installation; docker-compose.yml says which one each container runs.
FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --create-home omnidesk && install --directory --owner omnidesk /data
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMNIDESK_DATA=/data STATIC_ROOT=/app/collected
WORKDIR /app

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
RUN SECRET_KEY=only-while-building python manage.py collectstatic --no-input --verbosity 0

USER omnidesk
EXPOSE 8000
CMD ["gunicorn", "omnidesk.wsgi:application", "--bind", "0.0.0.0:8000"]

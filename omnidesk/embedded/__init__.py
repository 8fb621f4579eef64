"""The whole installation on one machine: real PostgreSQL and Redis as child processes of `manage.py up`."""

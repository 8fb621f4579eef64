#!/bin/sh
# Run once by the postgres image on an empty volume, after roles.sql.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$DATABASE_PASSWORD" <<'SQL'
ALTER ROLE omnidesk PASSWORD :'password';
ALTER DATABASE omnidesk OWNER TO omnidesk;
SQL

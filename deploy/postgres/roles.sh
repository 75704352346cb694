#!/usr/bin/env bash
# Runs once, when the database container has made its data folder: a role with a password of its own for each process
# of the hub, and the hub's database. The rights of the roles are in the migrations.
set -euo pipefail

sql() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres "$@"
}

for role in simpul_owner simpul_intake simpul_publisher simpul_registry simpul_web simpul_jobs; do
  ROLE_NAME=$role ROLE_PASSWORD=$(cat "/run/secrets/postgres-$role") sql <<'SQL'
\getenv name ROLE_NAME
\getenv password ROLE_PASSWORD
CREATE ROLE :"name" LOGIN PASSWORD :'password';
SQL
done

sql <<'SQL'
GRANT pg_read_all_stats TO simpul_owner;
CREATE DATABASE simpul OWNER simpul_owner;
REVOKE ALL ON DATABASE simpul FROM PUBLIC;
GRANT CONNECT ON DATABASE simpul
   TO simpul_owner, simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
SQL

# Runs inside a throw-away layer: a PostgreSQL server that listens on nothing but a socket file.
set -e
mkdir -p /etc/postgresql-common /out/postgres /out/postgres-corrupt
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -o Acquire::Retries=2 update -q
apt-get install -yq --no-install-recommends postgresql
programs=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb)")
as_postgres() { runuser -u postgres -- env -C /tmp PGHOST=/tmp "$@"; }
as_postgres "$programs/initdb" -D /tmp/db -A trust -N -E UTF8
as_postgres "$programs/pg_ctl" -D /tmp/db -w -l /tmp/log -o "-c listen_addresses= -c unix_socket_directories=/tmp -c fsync=off" start
as_postgres createdb shop
as_postgres psql -q -v ON_ERROR_STOP=1 shop <<'SQL'
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers, reference text NOT NULL);
INSERT INTO customers SELECT n, 'Customer ' || n FROM generate_series(1, 200) n;
INSERT INTO orders SELECT n, 1 + n % 200, md5(n::text) FROM generate_series(1, 4000) n;
SQL
as_postgres pg_dump -Fc shop >/out/postgres/shop.dump
as_postgres pg_dump shop | gzip -n >/out/postgres/shop.sql.gz
as_postgres "$programs/pg_ctl" -D /tmp/db -m immediate stop
for name in shop.dump shop.sql.gz; do
  size=$(stat -c %s "/out/postgres/$name")
  head -c $((size * 70 / 100)) "/out/postgres/$name" >"/out/postgres-corrupt/$name"
done

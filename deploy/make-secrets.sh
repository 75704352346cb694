#!/bin/sh
# Makes the passwords that docker-compose.yml asks for, one file each; what is there already is left as it is.
# The folder is closed to other users of this machine. The files in it can be read by the containers, whose users are
# not this one.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets
sed -n 's|^ *file: \./deploy/secrets/||p' ../docker-compose.yml | while read -r name; do
  [ -s "secrets/$name" ] && continue
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$name.part"
  chmod 444 "secrets/$name.part"
  mv "secrets/$name.part" "secrets/$name"
  echo "made deploy/secrets/$name"
done

#!/usr/bin/env bash
# Starts the broker of docker-compose.yml as closed as the local stack's (cli/stack/kafka.py): SCRAM for everybody,
# ACLs, no anonymous user. Passwords come from files and stand on no command line.
set -euo pipefail

kafka_home=${KAFKA_HOME:-/opt/kafka}
data=${KAFKA_DATA:-/var/lib/kafka/data}
secrets=${KAFKA_SECRETS:-/run/secrets}
work=${KAFKA_WORK:-/tmp/simpul}                 # a tmpfs: nothing here outlives the container
inside=${KAFKA_INSIDE:-kafka:9092}              # how the hub's containers reach the broker
outside=${KAFKA_OUTSIDE:-127.0.0.1:19092}       # how this machine reaches it
controller=${KAFKA_CONTROLLER:-127.0.0.1:9093}
login=org.apache.kafka.common.security

secret() {
  if [ ! -s "$secrets/$1" ]; then
    echo "secret $1 is missing: run deploy/make-secrets.sh first" >&2
    exit 1
  fi
  cat "$secrets/$1"
}

umask 077
mkdir -p "$work"
admin=$(secret kafka-admin)
controller_password=$(secret kafka-controller)

cat >"$work/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$controller
controller.listener.names=CONTROLLER
listeners=CLIENT://0.0.0.0:${inside##*:},OUTSIDE://0.0.0.0:${outside##*:},CONTROLLER://$controller
advertised.listeners=CLIENT://$inside,OUTSIDE://$outside
listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,OUTSIDE:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs=$data
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required username="admin" password="$admin";
listener.name.outside.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required;
sasl.mechanism.controller.protocol=PLAIN
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=$login.plain.PlainLoginModule required username="controller" password="$controller_password" user_controller="$controller_password";
connections.max.reauth.ms=3600000
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:controller
allow.everyone.if.no.acl.found=false
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
log.retention.hours=-1
PROPERTIES

cat >"$work/log4j2.properties" <<'PROPERTIES'
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601}{UTC} %p %c{1} %m%n
PROPERTIES

export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=$work/log4j2.properties"
export LOG_DIR=$work/log
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m}
export EXTRA_ARGS="-name kafkaServer" # without the garbage collector's log file

if [ ! -s "$data/meta.properties" ]; then
  cluster=$("$kafka_home/bin/kafka-storage.sh" random-uuid | tail -n 1)
  # Everybody may read a process's arguments, so the password goes there in a file. The tool prints the derived keys,
  # so its output is shown only when it failed.
  printf '%s\n' format -t "$cluster" -c "$work/server.properties" \
    --add-scram "SCRAM-SHA-512=[name=admin,iterations=8192,password=$admin]" >"$work/format.arguments"
  if ! "$kafka_home/bin/kafka-storage.sh" "@$work/format.arguments" >"$work/format.log" 2>&1; then
    cat "$work/format.log" >&2
    exit 1
  fi
  rm "$work/format.arguments" "$work/format.log"
fi

exec "$kafka_home/bin/kafka-server-start.sh" "$work/server.properties"

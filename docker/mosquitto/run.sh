#!/bin/sh
# Starts Mosquitto when the cloud has made its certificate and its passwords, and has it read them again when the
# cloud wrote them anew: run.sh CONFIG FOLDER
config=$1
folder=$2
until [ -f "$folder/server.pem" ] && [ -f "$folder/passwords" ]; do sleep 1; done

mosquitto -c "$config" &
broker=$!
trap 'kill -TERM $broker' TERM INT

seen=$(cat "$folder/passwords" "$folder/server.pem" | cksum)
while kill -0 "$broker" 2>/dev/null; do
  sleep 1
  now=$(cat "$folder/passwords" "$folder/server.pem" | cksum)
  [ "$now" = "$seen" ] || kill -HUP "$broker"
  seen=$now
done
wait "$broker"

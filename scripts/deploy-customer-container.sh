#!/bin/sh
# Runs an image as the customer's container on a port of the host, in place of the one that runs. LICENSE_KEY holds its licence key;
# the last line is the container's status as `docker ps` says it.
. "$(dirname -- "$0")/berth.sh"
[ $# -eq 3 ] && [ -n "$1" ] && [ -n "$2" ] && [ -n "$3" ] || usage 'CUSTOMER_ID CUSTOMER_PORT DOCKER_IMAGE'
berth site deploy --wait --create --port="$2" -- "$1" "$3"

#!/bin/sh
# Makes a tunnel for a customer's domain that leads to a port of the host: tunnel, configuration, unit and DNS routes.
# Run it again at any time: what is there already isn't made twice. BERTH_API_URL and BERTH_API_KEY say where Berth is.
. "$(dirname -- "$0")/berth.sh"
[ $# -eq 3 ] && [ -n "$1" ] && [ -n "$2" ] && [ -n "$3" ] || usage 'CUSTOMER_ID CUSTOMER_DOMAIN CUSTOMER_PORT'
berth tunnel create --wait --existing-zone -- "$1" "$2" "$3"

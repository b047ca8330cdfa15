#!/bin/sh
# Takes a customer's tunnel away: its DNS routes, unit, files, and the tunnel itself. A container that the customer has runs on.
. "$(dirname -- "$0")/berth.sh"
[ $# -eq 1 ] && [ -n "$1" ] || usage 'CUSTOMER_ID'
berth tunnel delete --wait --yes -- "$1"

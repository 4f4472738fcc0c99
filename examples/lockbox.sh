#!/bin/sh
# Lockbox from a shell: raise a request, wait for the customer, ask before acting, report, give the access back.
#
#   LOCKBOX_URL=http://localhost:8080 LOCKBOX_KEY=lbk_demo_provider examples/lockbox.sh examples/request.json
#
# `lockbox` is on the path, or LOCKBOX_BIN names it. The exit code is that of the step that ended the story:
# 10 denied, 11 expired, 12 cancelled, 13 rejected inside the provider, 15 the access has ended, 1 not allowed, 3 refused,
# 4 out of reach.
set -eu
lockbox=${LOCKBOX_BIN:-lockbox}
engineer=eng-417

# Raised once, however often this runs within a day under the same key.
id=$("$lockbox" request raise "$1" --quiet --idempotency-key "${IDEMPOTENCY_KEY:-$(date +%s)-$$}")
echo "raised $id"

# Held until the customer has decided; `set -e` ends the script with the exit code that says how, unless access is open.
grant=$("$lockbox" request wait "$id" --quiet)
echo "granted $grant"

# Ask before every action. Only exit code 0 means yes.
"$lockbox" grant check "$grant" --engineer $engineer --environment env_payroll \
    --operation ExecuteSqlViaLockbox --target payroll.dbo.Pay

# … here the work is done …

"$lockbox" grant actions "$grant" --engineer $engineer --operation ExecuteSqlViaLockbox --target payroll.dbo.Pay \
    --statement 'SELECT blocked_by FROM sys.dm_exec_requests' --rows 3

"$lockbox" request complete "$id" --engineer $engineer --note 'Index added.' >&2
echo "completed $id"

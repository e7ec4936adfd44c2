out=$(must 200 GET /v1/billing/plan)
want '"plan_key":"free"' "$out"
want '"billing_enabled":false' "$out"
want 'not enabled' "$(must 503 POST /v1/billing/checkout -H "$(json)" -d '{"plan_key":"pro"}')"
[ "$(must 200 GET /v1/billing/plan)" = "$out" ] || fail "the plan changed"

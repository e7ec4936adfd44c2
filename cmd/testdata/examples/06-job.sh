# A job while it waits or runs, and after.
out=$(must 202 POST /v1/jobs -H "$(json)" -d '{"agent_key":"adam","task":"hello"}')
job=$(field id "$out")
out=$(must 200 GET "/v1/jobs/$job")
want "\"id\":\"$job\"" "$out"
until_holds '"status":"succeeded"' GET "/v1/jobs/$job"
want '"exit_code":0' "$out"
want '"progress":1' "$out"
must 404 GET /v1/jobs/7b0f3c3e-2c1f-4f57-9a39-1f2f1a1c9d11 >/dev/null

# The documented paths, the client's own, and hiring once more.
want '"action":"added"' "$(must 200 POST /v1/agents/hire -H "$(json)" -d '{"agent_key":"nora"}')"
want '"action":"removed"' "$(must 200 POST /v1/agents/dismiss -H "$(json)" -d '{"agent_key":"nora"}')"
for action in add remove add; do
	must 200 POST /v1/agents/manage -H "$(json)" -d '{"agent_key":"nora","action":"'$action'"}' >/dev/null
done
want '"key":"nora"' "$(must 200 GET /v1/teammates)"

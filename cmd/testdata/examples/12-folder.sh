# A folder as upstream's authors write it appears in the store of the running server, and answers.
folder="$DATA/tmates/gardener"
mkdir -p "$folder/prompts/brain"
cat >"$folder/manifest.yaml" <<'YAML'
name: Gardener
slug: gardener
version: 1.0.0
description: Knows when to water what.
category: Home
branding: {emoji: "🌱"}
env: {required: [], optional: []}
YAML
echo "You look after the garden." >"$folder/prompts/brain/system.txt"
echo "AGENT_CLASS = None" >"$folder/agent.py"
until_holds '"key":"gardener"' GET /v1/agents/store
must 200 POST /v1/agents/hire -H "$(json)" -d '{"agent_key":"gardener"}' >/dev/null
want "Gardener" "$(tmates chat gardener hello --as "$EMAIL")"

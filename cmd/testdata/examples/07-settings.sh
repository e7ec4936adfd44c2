want '"allow_notifications":true' "$(must 200 GET /v1/settings/mobile)"
out=$(must 200 PATCH /v1/settings/mobile -H "$(json)" -d '{"allow_notifications":false}')
for key in allow_notifications mentions direct_messages team_messages; do
	want "\"$key\":false" "$out"
done
want '"usage_analytics":true' "$out"

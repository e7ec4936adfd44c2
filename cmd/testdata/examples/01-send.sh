# The documentation's own call, host replaced.
SUPABASE_JWT=$TOKEN
out=$(curl -sS -X POST "$BASE/v1/chats/team:all/messages" \
	-H "Authorization: Bearer $SUPABASE_JWT" \
	-H "Content-Type: application/json" \
	-d '{
		"content": "Summarise the open work for today.",
		"attachments": []
	}')
want '"role":"user"' "$out"
want '"content":"Summarise the open work for today."' "$out"
for key in id author created_at payload attachments session_id; do
	want "\"$key\":" "$out"
done

# What the official client sends: a login in one line with a code known before, five screens with
# and without /v1, and the end of the session.
code=$(tmates otp "$EMAIL")
auth() { curl -sS -X POST "$BASE/auth/v1/$1" -H "apikey: $ANON" -H "Authorization: Bearer $ANON" -H 'Content-Type: application/json;charset=UTF-8' -d "$2"; }
auth otp '{"email":"'"$EMAIL"'","data":{},"create_user":false,"gotrue_meta_security":{},"code_challenge":null,"code_challenge_method":null}' >/dev/null
out=$(auth verify '{"email":"'"$EMAIL"'","token":"'"$code"'","type":"email","gotrue_meta_security":{}}')
AS=$(field access_token "$out")
[ -n "$AS" ] || fail "no session: $out"
for api in "" /v1; do
	must 200 GET "$api/pinboard?limit=10" >/dev/null
	want '"hired":true' "$(must 200 GET "$api/agents/metadata")"
	must 200 POST "$api/agents/manage" -H "$(json)" -d '{"agent_key":"nora","action":"add"}' >/dev/null
	thread=$(field id "$(must 201 POST "$api/chats?agent_key=adam")")
	must 201 POST "$api/chats/$thread/messages" -H "$(json)" -d '{"content":"hello"}' >/dev/null
	until_holds '"role":"assistant"' GET "$api/chats/$thread?limit=1"
	must 200 GET "$api/files?limit=25" >/dev/null
	want '"role":"owner"' "$(must 200 GET "$api/profile")"
	must 200 GET "$api/settings/mobile" >/dev/null
	must 204 POST "$api/chats/$thread/clear" >/dev/null
	must 204 DELETE "$api/chats/$thread" >/dev/null
done
curl -sS -X POST "$BASE/auth/v1/logout?scope=global" -H "apikey: $ANON" -H "Authorization: Bearer $AS"
must 401 GET /v1/profile >/dev/null

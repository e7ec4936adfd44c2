package v1

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/server/team"
)

// faultsOf returns the faults of an error as they stand on the wire.
func faultsOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	faults, ok := errors.AsType[invalid](err)
	if !ok {
		t.Fatalf("not a failed validation: %v", err)
	}
	data, err := encode(faults)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// readAs parses a body and gives it to a decoder.
func readAs[T any](decode func(body) (T, error)) func(string) error {
	return func(text string) error {
		var b body
		if text != "" {
			value, err := parse([]byte(text))
			if err != nil {
				return err
			}
			b.value = value
		}
		_, err := decode(b)
		return err
	}
}

const (
	notObject   = `"Input should be a valid dictionary or object to extract fields from"`
	notBool     = `"Input should be a valid boolean, unable to interpret input"`
	tooShort    = `"type":"string_too_short"`
	minOne      = `"ctx":{"min_length":1}`
	atLeastOne  = `"msg":"String should have at least 1 character"`
	valueErrCtx = `"ctx":{"error":{}}`
)

func TestValidateMessage(t *testing.T) {
	t.Parallel()
	long, session := strings.Repeat("é", team.MaxMessage), strings.Repeat("é", team.MaxSession)
	many := "[" + strings.TrimSuffix(strings.Repeat(`{"uri":"u"},`, 21), ",") + "]"
	tests := map[string]struct{ in, want string }{
		"plain":            {`{"content":"hi"}`, ``},
		"everything":       {`{"content":"hi","payload":{},"attachments":[{"uri":"u","size_bytes":"5","duration":1.5}],"session_id":"s","x":1}`, ``},
		"longest":          {`{"content":"` + long + `","session_id":"` + session + `"}`, ``},
		"null session":     {`{"content":"hi","session_id":null}`, ``},
		"only attachments": {`{"content":" ","attachments":[{"uri":"u"}]}`, ``},

		"no body":      {``, `[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]`},
		"null":         {`null`, `[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]`},
		"list":         {`[1]`, `[{"type":"model_attributes_type","loc":["body"],"msg":` + notObject + `,"input":[1]}]`},
		"no content":   {`{"a":1.50}`, `[{"type":"missing","loc":["body","content"],"msg":"Field required","input":{"a":1.50}}]`},
		"null content": {`{"content":null}`, `[{"type":"string_type","loc":["body","content"],"msg":"Input should be a valid string","input":null}]`},
		"number":       {`{"content":5}`, `[{"type":"string_type","loc":["body","content"],"msg":"Input should be a valid string","input":5}]`},
		"empty":        {`{"content":""}`, `[{` + tooShort + `,"loc":["body","content"],` + atLeastOne + `,"input":"",` + minOne + `}]`},
		"blanks":       {`{"content":" \n"}`, `[{` + tooShort + `,"loc":["body","content"],` + atLeastOne + `,"input":" \n",` + minOne + `}]`}, // Q-C11
		"several at once": {
			`{"content":5,"payload":[],"attachments":"a","session_id":{}}`,
			`[{"type":"string_type","loc":["body","content"],"msg":"Input should be a valid string","input":5},` +
				`{"type":"dict_type","loc":["body","payload"],"msg":"Input should be a valid dictionary","input":[]},` +
				`{"type":"list_type","loc":["body","attachments"],"msg":"Input should be a valid list","input":"a"},` +
				`{"type":"string_type","loc":["body","session_id"],"msg":"Input should be a valid string","input":{}}]`,
		},
		"session too long": {
			`{"content":"a","session_id":"` + session + `x"}`,
			`[{"type":"string_too_long","loc":["body","session_id"],"msg":"String should have at most 128 characters",` +
				`"input":"` + session + `x","ctx":{"max_length":128}}]`,
		},
		"attachments": {
			`{"content":"a","attachments":[{"uri":"u"},{"name":"n"},7,{"uri":"","size_bytes":"big","width":1.5,"height":true,"duration":"long"}]}`,
			`[{"type":"missing","loc":["body","attachments",1,"uri"],"msg":"Field required","input":{"name":"n"}},` +
				`{"type":"model_attributes_type","loc":["body","attachments",2],"msg":` + notObject + `,"input":7},` +
				`{` + tooShort + `,"loc":["body","attachments",3,"uri"],` + atLeastOne + `,"input":"",` + minOne + `},` +
				`{"type":"int_parsing","loc":["body","attachments",3,"size_bytes"],"msg":"` + intParsing + `","input":"big"},` +
				`{"type":"int_from_float","loc":["body","attachments",3,"width"],` +
				`"msg":"Input should be a valid integer, got a number with a fractional part","input":1.5},` +
				`{"type":"int_type","loc":["body","attachments",3,"height"],"msg":"Input should be a valid integer","input":true},` +
				`{"type":"float_parsing","loc":["body","attachments",3,"duration"],` +
				`"msg":"Input should be a valid number, unable to parse string as a number","input":"long"}]`,
		},
		"numbers of other kinds": {
			`{"content":"a","attachments":[{"uri":"u","duration":[]},{"uri":"u","duration":1e999},{"uri":"u","width":1e999}]}`,
			`[{"type":"float_type","loc":["body","attachments",0,"duration"],"msg":"Input should be a valid number","input":[]},` +
				`{"type":"finite_number","loc":["body","attachments",1,"duration"],"msg":"Input should be a finite number","input":1e999},` +
				`{"type":"int_from_float","loc":["body","attachments",2,"width"],` +
				`"msg":"Input should be a valid integer, got a number with a fractional part","input":1e999}]`,
		},
		"blank uri": {
			`{"content":"a","attachments":[{"uri":" "}]}`,
			`[{"type":"value_error","loc":["body","attachments",0],"msg":"Value error, this attachment cannot be kept","input":{"uri":" "},` + valueErrCtx + `}]`,
		},
		"too many attachments": {
			`{"content":"a","attachments":` + many + `}`,
			`[{"type":"too_long","loc":["body","attachments"],"msg":"List should have at most 20 items after validation, not 21",` +
				`"input":` + many + `,"ctx":{"actual_length":21,"field_type":"List","max_length":20}}]`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := faultsOf(t, readAs(decodeMessage)(test.in))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		got := faultsOf(t, readAs(decodeMessage)(`{"content":"`+long+`x"}`))
		want := `[{"type":"string_too_long","loc":["body","content"],"msg":"String should have at most 100000 characters",` +
			`"input":"` + long + `x","ctx":{"max_length":100000}}]`
		if got != want {
			t.Errorf("faults = %.200s…", got)
		}
	})
}

func TestValidateOthers(t *testing.T) {
	t.Parallel()
	readManage := func(text string) error {
		return readAs(func(b body) (map[string]string, error) {
			var k checker
			return k.texts([]any{"body"}, b.value), k.err()
		})(text)
	}
	readJob, readProfile, readSettings := readAs(decodeJob), readAs(decodeProfile), readAs(decodeSettings)
	tests := []struct {
		name string
		read func(string) error
		in   string
		want string
	}{
		{"manage", readManage, `{"agent_key":"a"}`, ``},
		{"manage nothing", readManage, ``, `[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]`},
		{"manage list", readManage, `[]`, `[{"type":"dict_type","loc":["body"],"msg":"Input should be a valid dictionary","input":[]}]`},
		{"manage numbers", readManage, `{"x":1,"agent_key":2}`, `[{"type":"string_type","loc":["body","agent_key"],"msg":"Input should be a valid string","input":2},` +
			`{"type":"string_type","loc":["body","x"],"msg":"Input should be a valid string","input":1}]`},

		{"job", readJob, `{"agent_key":"a","task":5,"extra_args":"x","env_overrides":{"A":"b"},"cli_args":{"n":1}}`, ``},
		{"job null arguments", readJob, `{"agent_key":"a","extra_args":null,"task":null}`, ``},
		{"job without key", readJob, `{}`, `[{"type":"missing","loc":["body","agent_key"],"msg":"Field required","input":{}}]`},
		{"job with empty key", readJob, `{"agent_key":""}`, `[{` + tooShort + `,"loc":["body","agent_key"],` + atLeastOne + `,"input":"",` + minOne + `}]`},
		{"job with other kinds", readJob, `{"agent_key":"a","cli_args":null,"metadata":1,"env_overrides":{"A":1}}`,
			`[{"type":"dict_type","loc":["body","cli_args"],"msg":"Input should be a valid dictionary","input":null},` +
				`{"type":"string_type","loc":["body","env_overrides","A"],"msg":"Input should be a valid string","input":1},` +
				`{"type":"dict_type","loc":["body","metadata"],"msg":"Input should be a valid dictionary","input":1}]`},

		{"profile", readProfile, `{"display_name":"A","avatar_url":"HTTPS://Example.org","email":"a@b.local"}`, ``}, // Q-B8
		{"profile nothing", readProfile, `{"display_name":" ","email":null}`,
			`[{"type":"value_error","loc":["body"],"msg":"Value error, at least one field must be provided",` +
				`"input":{"display_name":" ","email":null},` + valueErrCtx + `}]`},
		{"profile relative", readProfile, `{"avatar_url":"a.png"}`,
			`[{"type":"url_parsing","loc":["body","avatar_url"],"msg":"Input should be a valid URL, relative URL without a base",` +
				`"input":"a.png","ctx":{"error":"relative URL without a base"}}]`},
		{"profile script", readProfile, `{"avatar_url":"javascript:alert(1)"}`,
			`[{"type":"url_scheme","loc":["body","avatar_url"],"msg":"URL scheme should be 'http' or 'https'",` +
				`"input":"javascript:alert(1)","ctx":{"expected_schemes":"'http' or 'https'"}}]`},
		{"profile no host", readProfile, `{"avatar_url":"http:///a"}`,
			`[{"type":"url_parsing","loc":["body","avatar_url"],"msg":"Input should be a valid URL, empty host","input":"http:///a","ctx":{"error":"empty host"}}]`},
		{"profile address", readProfile, `{"email":"nobody"}`,
			`[{"type":"value_error","loc":["body","email"],"msg":"Value error, this is not an e-mail address","input":"nobody",` + valueErrCtx + `}]`},

		{"settings", readSettings, `{"mentions":"Off","crash_reports":1,"team_messages":"t","usage_analytics":0.0,"theme_preference":" DARK "}`, ``},
		{"settings nothing", readSettings, `{"mentions":null}`,
			`[{"type":"value_error","loc":["body"],"msg":"Value error, at least one setting must be provided","input":{"mentions":null},` + valueErrCtx + `}]`},
		{"settings other kinds", readSettings, `{"mentions":"maybe","crash_reports":2,"team_messages":[],"theme_preference":"pink"}`,
			`[{"type":"bool_parsing","loc":["body","mentions"],"msg":` + notBool + `,"input":"maybe"},` +
				`{"type":"bool_type","loc":["body","team_messages"],"msg":"Input should be a valid boolean","input":[]},` +
				`{"type":"bool_parsing","loc":["body","crash_reports"],"msg":` + notBool + `,"input":2},` +
				`{"type":"value_error","loc":["body","theme_preference"],"msg":"Value error, theme_preference must be one of: system, light, dark",` +
				`"input":"pink",` + valueErrCtx + `}]`},
		{"settings theme of a number", readSettings, `{"theme_preference":1}`,
			`[{"type":"string_type","loc":["body","theme_preference"],"msg":"Input should be a valid string","input":1}]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, faultsOf(t, test.read(test.in))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeJob(t *testing.T) {
	t.Parallel()
	value, err := parse([]byte(`{"agent_key":" adam ","task":true,"extra_args":[1,"b",{"c":null}],"env_overrides":{"A":"b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeJob(body{value})
	if err != nil {
		t.Fatal(err)
	}
	want := team.NewJob{
		TmateKey: " adam ", Task: "true", CLIArgs: map[string]any{}, EnvOverrides: map[string]string{"A": "b"},
		ExtraArgs: []string{"1", "b", `{"c":null}`}, Metadata: map[string]any{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
}

func TestDecodeProfile(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"HTTPS://Example.org":   "https://example.org/",
		"http://h:8/a?b=c#d":    "http://h:8/a?b=c#d",
		" https://h/a%20b.png ": "https://h/a%20b.png",
	} {
		text, _ := json.Marshal(map[string]string{"avatar_url": in})
		value, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeProfile(body{value})
		if err != nil || got.AvatarURL != want {
			t.Errorf("avatar %q = %q, %v; want %q", in, got.AvatarURL, err, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", limit.MaxDepth) + strings.Repeat("]", limit.MaxDepth)
	for _, good := range []string{`{}`, ` 1 `, `"{[[["`, `"\"["`, deep, "\t{\"a\":\r\n[]}"} {
		if _, err := parse([]byte(good)); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	tests := []struct {
		in    string
		at    int // code points
		error string
	}{
		{`{"a":}`, 5, "invalid character '}' looking for beginning of value"},
		{`{"é":x}`, 5, "invalid character 'x' looking for beginning of value"},
		{`{"a":1`, 6, "the text ends too early"},
		{` `, 1, "the text ends too early"},
		{`{} x`, 3, "there is more after the value"},
		{`NaN`, 0, "invalid character 'N' looking for beginning of value"},
		{"\"\xff\"", 0, "text is not UTF-8"},
		{"[" + deep + "]", limit.MaxDepth, "nested deeper than 64 levels"},
	}
	for _, test := range tests {
		_, err := parse([]byte(test.in))
		want := fmt.Sprintf(`[{"type":"json_invalid","loc":["body",%d],"msg":"JSON decode error","input":{},"ctx":{"error":%q}}]`, test.at, test.error)
		if got := faultsOf(t, err); got != want {
			t.Errorf("%q:\n got %s\nwant %s", test.in, got, want)
		}
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	in := map[string]any{}
	for i := range 3 * maxFaults {
		in[fmt.Sprint(i)] = json.Number("1")
	}
	var k checker
	k.texts([]any{"body"}, in)
	if len(k.faults) != maxFaults {
		t.Errorf("%d faults, want %d", len(k.faults), maxFaults)
	}
}

func TestIsJSON(t *testing.T) {
	t.Parallel()
	for media, want := range map[string]bool{
		"": true, "application/json": true, "Application/JSON; charset=utf-8": true, "application/problem+json": true,
		"application/json;charset": true, "text/json": false, "text/plain": false, "application/x-www-form-urlencoded": false,
		"multipart/form-data; boundary=x": false, "json": false, "application/": false,
	} {
		if got := isJSON(media); got != want {
			t.Errorf("isJSON(%q) = %v, want %v", media, got, want)
		}
	}
}

// FuzzMessageBody checks that no body is worse than a list of faults, and that
// what passes keeps the rules.
func FuzzMessageBody(f *testing.F) {
	for _, seed := range []string{
		`{"content":"hi"}`, `{"content":"","attachments":[{"uri":"/v1/files/download/a%20b.png","size_bytes":"5","duration":-1}]}`,
		`null`, `{"content":5,"attachments":[1,{"uri":null}],"session_id":[]}`, `{"content":"\ud800"}`, `[[[[[[`, "\xff", `{"content":" "}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := parse(data)
		if err != nil {
			faultsOf(t, err)
			return
		}
		w, err := decodeMessage(body{value})
		if err != nil {
			if faults := faultsOf(t, err); !json.Valid([]byte(faults)) {
				t.Errorf("faults are no JSON: %s", faults)
			}
			return
		}
		if strings.TrimSpace(w.Text) == "" && len(w.Attachments) == 0 {
			t.Errorf("nothing is said by %q", data)
		}
		for _, a := range w.Attachments {
			if strings.TrimSpace(a.URI) == "" {
				t.Errorf("an attachment without uri passed: %q", data)
			}
		}
	})
}

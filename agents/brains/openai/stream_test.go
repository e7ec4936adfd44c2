package openai_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
)

// chunks writes events the usual way, the mark at the end included.
func chunks(data ...string) string {
	return "data: " + strings.Join(append(data, "[DONE]"), "\n\ndata: ") + "\n\n"
}

// Pieces of streams.
const (
	hi   = `{"choices":[{"index":0,"delta":{"content":"hi"}}]}`
	stop = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	used = `{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`
	done = `{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}`
)

// fragments is a chunk with pieces of tool calls.
func fragments(list string) string { return `{"choices":[{"delta":{"tool_calls":[` + list + `]}}]}` }

func call(id, name, args string) agents.Call {
	return agents.Call{ID: id, Name: name, Args: json.RawMessage(args)}
}

// answered runs a table of streams that are answers. A row without usage wants
// zero counts.
func answered(t *testing.T, cases map[string]streamCase) {
	for name, c := range cases {
		if c.want.Usage == nil {
			c.want.Usage = &agents.Usage{Model: "test-model"}
		}
		for _, chunk := range []int{1, 7, 1 << 20} {
			if len(c.stream) > 1<<16 && chunk < 1<<20 {
				continue // a system call for each byte
			}
			t.Run(name+"/"+strconv.Itoa(chunk), func(t *testing.T) {
				t.Parallel()
				s := modelserver.New(t)
				s.SetChunk(chunk)
				s.Reply(modelserver.Raw(c.stream))
				got, err := think(t, brain(t, s.URL), question("x"))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

type streamCase struct {
	stream string
	want   said
}

func TestStreamText(t *testing.T) {
	t.Parallel()
	usage := &agents.Usage{Model: "test-model", PromptTokens: 5, CompletionTokens: 2}
	plain := said{Text: "hi"}
	long := strings.Repeat("0123456789", 30_000)
	answered(t, map[string]streamCase{
		"plain":               {chunks(hi, stop), plain},
		"usage":               {chunks(hi, stop, used), said{Text: "hi", Usage: usage}},
		"running totals":      {chunks(`{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}`, hi, stop, used), said{Text: "hi", Usage: usage}},
		"usage null":          {chunks(used, `{"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}],"usage":null}`), said{Text: "hi", Usage: usage}},
		"unreadable usage":    {chunks(hi, stop, `{"choices":[],"usage":{"prompt_tokens":"many"}}`), plain},
		"negative usage":      {chunks(hi, stop, `{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":-1}}`), plain},
		"server's model name": {chunks(`{"model":"test-model-2026"}`, hi, stop), said{Text: "hi", Usage: &agents.Usage{Model: "test-model-2026"}}},
		"endless model name":  {chunks(`{"model":"`+strings.Repeat("m", 201)+`"}`, hi, stop), plain},

		"400 keep-alive comments":    {strings.Repeat(": still working\n\n", 400) + chunks(hi, stop), plain},
		"5000 keep-alive comments":   {strings.Repeat(": still working\n\n", 5000) + chunks(hi, stop), plain},
		"comments in the middle":     {"data: " + hi + "\n\n: wait\n\n" + chunks(stop), plain},
		"CRLF":                       {strings.ReplaceAll(chunks(hi, stop), "\n", "\r\n"), plain},
		"no blank after the colon":   {strings.ReplaceAll(chunks(hi, stop), "data: ", "data:"), plain},
		"no blank lines":             {strings.ReplaceAll(chunks(hi, stop), "\n\n", "\n"), plain},
		"other fields":               {"retry: 10\nid: 1\nevent: message\n" + chunks(hi, stop), plain},
		"no mark at the end":         {"data: " + hi + "\n\ndata: " + stop + "\n\n", plain},
		"no line feed at the end":    {"data: " + hi + "\n\ndata: " + stop, plain},
		"broken after the finish":    {"data: " + hi + "\n\ndata: " + stop + "\n\ndata: {\"choi", plain},
		"300 KB line":                {chunks(`{"choices":[{"delta":{"content":"`+long+`"}}]}`, stop), said{Text: long}},
		"filter chunk, no choices":   {chunks(`{"choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]}`, hi, stop), plain},
		"no choices at all":          {chunks(`{"object":"chat.completion.chunk"}`, hi, stop), plain},
		"ping":                       {"event: ping\ndata: {\"type\":\"ping\"}\n\n" + chunks(hi, stop), plain},
		"error null comes first":     {chunks(`{"error":null,"choices":[{"delta":{"content":"hi"}}]}`, `{"error":"","choices":[{"finish_reason":"stop"}]}`), plain},
		"finish_reason always there": {chunks(`{"choices":[{"delta":{"content":"h"},"finish_reason":""}]}`, `{"choices":[{"delta":{"content":"i"},"finish_reason":"null"}]}`, stop), plain},
		"nulls":                      {chunks(`{"choices":null}`, `{"choices":[{"delta":null}]}`, `{"choices":[{"delta":{"content":null,"tool_calls":null},"finish_reason":null}]}`, hi, stop), plain},

		"reasoning":         {chunks(`{"choices":[{"delta":{"reasoning":"hm"}}]}`, hi, stop), plain},
		"reasoning_content": {chunks(`{"choices":[{"delta":{"reasoning_content":"hm","content":null}}]}`, hi, stop), plain},
		"parts of content":  {chunks(`{"choices":[{"delta":{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"hi"}]}}]}`, stop), plain},
		"refusal":           {chunks(`{"choices":[{"delta":{"refusal":"hi"}}]}`, stop), plain},
		"second choice":     {chunks(`{"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"stop"},{"index":0,"delta":{"content":"hi"}}]}`, stop), plain},
		"cut by the limit":  {chunks(hi, `{"choices":[{"finish_reason":"length"}]}`), plain},
		"cut by the filter": {chunks(hi, `{"choices":[{"finish_reason":"content_filter"}]}`), plain},
		"nothing said":      {chunks(stop), said{}},
	})
}

func TestStreamCalls(t *testing.T) {
	t.Parallel()
	two := said{Calls: []agents.Call{call("a", "f", `{"x":1}`), call("b", "f", `{"x":2}`)}}
	named := said{Calls: []agents.Call{call("call_1", "f", `{"x":1}`), call("call_2", "f", `{"x":2}`)}}
	answered(t, map[string]streamCase{
		"as in the book": {chunks(
			fragments(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}`),
			fragments(`{"index":0,"function":{"arguments":"{\"x\":"}}`),
			fragments(`{"index":0,"function":{"arguments":"1}"}}`),
			fragments(`{"index":1,"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":2}"}}`), done), two},
		"interleaved": {chunks(
			fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},{"index":1,"id":"b","function":{"name":"f","arguments":"{"}}`),
			fragments(`{"index":1,"function":{"arguments":"\"x\":2}"}},{"index":0,"function":{"arguments":"\"x\":1}"}}`), done), two},
		"all at index 0": {chunks(
			fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}`),
			fragments(`{"index":0,"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}`), done), two},
		"all at index 0, fragments": {chunks(
			fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}`),
			fragments(`{"index":0,"function":{"arguments":":1}"}}`),
			fragments(`{"index":0,"id":"b","function":{"name":"f","arguments":"{\"x\""}}`),
			fragments(`{"index":0,"function":{"arguments":":2}"}}`), done), two},
		"no index": {chunks(
			fragments(`{"id":"a","function":{"name":"f","arguments":"{\"x\""}}`),
			fragments(`{"function":{"arguments":":1}"}}`),
			fragments(`{"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}`), done), two},
		"id in every fragment": {chunks(
			fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}`),
			fragments(`{"index":0,"id":"a","function":{"arguments":":1}"}}`),
			fragments(`{"index":1,"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}`), done), two},
		"no id": {chunks(
			fragments(`{"index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}`),
			fragments(`{"index":1,"function":{"name":"f","arguments":"{\"x\":2}"}}`), done), named},
		"no id, all at index 0": {chunks(
			fragments(`{"index":0,"id":"","function":{"name":"f","arguments":"{\"x\":1}"}}`),
			fragments(`{"index":0,"id":"","function":{"name":"f","arguments":"{\"x\":2}"}}`), done), named},
		"no id, no index, other names": {chunks(
			fragments(`{"function":{"name":"f"}}`), fragments(`{"function":{"name":"g"}}`), done),
			said{Calls: []agents.Call{call("call_1", "f", `{}`), call("call_2", "g", `{}`)}}},
		"name in every fragment": {chunks(
			fragments(`{"index":0,"function":{"name":"f","arguments":"{\"x\""}}`),
			fragments(`{"index":0,"function":{"name":"f","arguments":":1}"}}`), done),
			said{Calls: []agents.Call{call("call_1", "f", `{"x":1}`)}}},
		"one id for two indexes": {chunks(
			fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"a","function":{"name":"g","arguments":"{}"}}`), done),
			said{Calls: []agents.Call{call("a", "f", `{}`), call("call_1", "g", `{}`)}}},
		"text and a call": {chunks(hi, fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`), done),
			said{Text: "hi", Calls: []agents.Call{call("a", "f", `{}`)}}},
		"finish_reason stop": {chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`), stop),
			said{Calls: []agents.Call{call("a", "f", `{}`)}}},
		"arguments as an object": {chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":{"x":[1]}}}`), done),
			said{Calls: []agents.Call{call("a", "f", `{"x":[1]}`)}}},
		"arguments null": {chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":null}}`), done),
			said{Calls: []agents.Call{call("a", "f", `{}`)}}},
		"arguments cut": {chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}`), `{"choices":[{"finish_reason":"length"}]}`),
			said{Calls: []agents.Call{call("a", "f", `{"_invalid":"{\"x\":"}`)}}},
		"arguments a list": {chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"[1]"}}`), done),
			said{Calls: []agents.Call{call("a", "f", `{"_invalid":"[1]"}`)}}},
	})
}

// failures are the streams that are no answers.
var failures = map[string]struct {
	stream string
	text   string
	status int
	code   string
	fatal  bool
	want   string // in the message or its cause
}{
	"empty":                    {stream: "", want: "is not complete"},
	"end without a finish":     {stream: "data: " + hi + "\n\n", text: "hi", want: "is not complete"},
	"mark without a finish":    {stream: chunks(hi), text: "hi", want: "is not complete"},
	"end in the middle":        {stream: "data: " + hi + "\n\ndata: {\"choi", text: "hi", want: "broke off: decode stream chunk"},
	"no JSON":                  {stream: chunks(hi, "oops", stop), text: "hi", want: "broke off: decode stream chunk"},
	"wrong type":               {stream: chunks(`{"choices":[{"delta":{"content":5}}]}`, stop), want: "broke off: decode stream chunk"},
	"comments only":            {stream: strings.Repeat(": wait\n\n", 10), want: "is not complete"},
	"finish_reason error":      {stream: chunks(hi, `{"choices":[{"finish_reason":"error"}]}`), text: "hi", want: "is not complete"},
	"call without a name":      {stream: chunks(fragments(`{"index":0,"id":"a","function":{"arguments":"{}"}}`), done), want: "is not complete: a tool call has no name"},
	"line without end":         {stream: "data: " + strings.Repeat("x", 1<<20+1), want: "line without end"},
	"too many calls":           {stream: chunks(manyCalls(129), done), want: "too many tool calls"},
	"too many arguments":       {stream: chunks(hugeCall(), hugeCall(), done), want: "sent too much"},
	"error, a text":            {stream: chunks(hi, `{"error":"out of memory"}`), text: "hi", want: `ended the answer with an error; it says "out of memory"`},
	"error, a text, then end":  {stream: "data: {\"error\":\"out of memory\"}\n", want: `it says "out of memory"`},
	"error, an object":         {stream: chunks(hi, `{"error":{"message":"out of memory","code":"oom"}}`), text: "hi", code: "oom", want: `it says "out of memory"`},
	"error, not the first":     {stream: chunks(`{"id":"1","error":{"message":"gone","code":502},"choices":[{"finish_reason":"error"}]}`), status: 502, code: "502", want: `(status 502); it says "gone"`},
	"error of a limit":         {stream: chunks(`{"error":{"message":"slow down","code":"429"}}`), status: 429, code: "429", want: "limits how often"},
	"error of the quota":       {stream: chunks(`{"error":{"type":"insufficient_quota"}}`), code: "insufficient_quota", fatal: true, want: "no credit left"},
	"error after comments":     {stream: ": wait\n\n: wait\n\n" + chunks(`{"error":{"message":"out of memory"}}`), want: `it says "out of memory"`},
	"error after the finish":   {stream: chunks(hi, stop, `{"error":"too late"}`), text: "hi", want: `it says "too late"`},
	"error event, an object":   {stream: "event: error\ndata: {\"message\":\"out of memory\"}\n\n", want: `it says "out of memory"`},
	"error event, a text":      {stream: "event: error\ndata: out of memory\n\n", want: `it says "out of memory"`},
	"error event, error field": {stream: "event: error\r\ndata: {\"error\":{\"message\":\"out of memory\"}}\r\n\r\n", want: `it says "out of memory"`},
	"error event, nothing":     {stream: "event: error\ndata: {}\n\n", want: "ended the answer with an error"},
	"bare error body":          {stream: "data: " + hi + "\n\n{\"error\":{\"message\":\"out of memory\"}}\n", text: "hi", want: `it says "out of memory"`},
	"too long":                 {stream: chunks(`{"error":{"message":"exceeds the context window","code":400}}`), status: 400, code: "context_length_exceeded", fatal: true, want: `too long for the model "test-model"`},
	"withheld":                 {stream: chunks(`{"choices":[{"finish_reason":"content_filter"}]}`), fatal: true, want: "content filter"},
	"spent on reasoning":       {stream: chunks(`{"choices":[{"delta":{"reasoning":"hm"},"finish_reason":"length"}]}`), code: "output_limit_reached", fatal: true, want: "allow more output tokens"},
	"no stream, an error":      {stream: `{"error":{"message":"out of memory","code":503}}`, status: 503, code: "503", want: `it says "out of memory"`},
	"no stream, an answer":     {stream: `{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}`, fatal: true, want: "does not stream"},
	"no stream, a web page":    {stream: "<html>login</html>", fatal: true, want: "answered with a web page: check the base URL"},
}

func TestStreamFailures(t *testing.T) {
	t.Parallel()
	for name, c := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			s.SetChunk(max(7, len(c.stream)/1000))
			s.Reply(modelserver.Raw(c.stream))
			got, err := think(t, brain(t, s.URL), question("x"))
			e, ok := errors.AsType[*agents.ProviderError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if got.Text != c.text || e.Status != c.status || e.Code != c.code || e.Fatal != c.fatal || !strings.Contains(e.Error(), c.want) {
				t.Errorf("text %q, status %d, code %q, fatal %v: %v", got.Text, e.Status, e.Code, e.Fatal, e)
			}
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestConnectionCut(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Cut("half an answer"))
	got, err := think(t, brain(t, s.URL), question("x"))
	e, ok := errors.AsType[*agents.ProviderError](err)
	if !ok || got.Text != "half an answer" || e.Status != 0 || !e.Temporary() || !strings.HasSuffix(e.Error(), "broke off: unexpected EOF") {
		t.Errorf("text %q, error %v", got.Text, err)
	}
}

// endless repeats a text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func (e *endless) Close() error { return nil }

func TestEndlessStreamEnds(t *testing.T) {
	t.Parallel()
	b := brain(t, "http://model.example", func(o *openai.Options) {
		o.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			body := &endless{text: ": " + strings.Repeat("x", 1<<19) + "\n"}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}, nil
		})}
	})
	_, err := think(t, b, question("x"))
	if e := provider(t, err); e.Status != 0 || !strings.HasSuffix(e.Error(), "broke off: the provider sent too much") {
		t.Errorf("error %v", e)
	}
}

func TestServerWithoutStreamOptions(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"400": `{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error"}}`,
		"422": `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _ := strconv.Atoi(name)
			s := modelserver.New(t)
			s.Otherwise(func(r modelserver.Request) modelserver.Reply {
				if r.StreamOptions.IncludeUsage {
					return modelserver.Body(status, "application/json", body)
				}
				return modelserver.Text("fine")
			})
			b := brain(t, s.URL)
			for range 2 {
				got, err := think(t, b, question("x"))
				if diff := cmp.Diff(said{Text: "fine", Usage: &agents.Usage{Model: "test-model"}}, got); err != nil || diff != "" {
					t.Errorf("error %v (-want +got):\n%s", err, diff)
				}
			}
			if n := len(s.Requests()); n != 3 { // the brain remembers
				t.Errorf("%d requests, want 3", n)
			}
		})
	}
	t.Run("another complaint", func(t *testing.T) {
		t.Parallel()
		s := modelserver.New(t)
		refuse := modelserver.Body(400, "application/json", `{"error":{"message":"bad request: {stream_options:...}"}}`)
		s.Reply(refuse, refuse)
		b := brain(t, s.URL)
		if _, err := think(t, b, question("x")); err == nil {
			t.Fatal("no error")
		}
		if _, err := think(t, b, question("x")); err != nil {
			t.Fatal(err)
		}
		if r := s.Requests(); len(r) != 3 || !r[2].StreamOptions.IncludeUsage {
			t.Errorf("%d requests; a failed attempt must not switch the counts off", len(r))
		}
	})
}

func manyCalls(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = `{"id":"` + strconv.Itoa(i) + `","function":{"name":"f"}}`
	}
	return fragments(strings.Join(list, ","))
}

func hugeCall() string {
	return fragments(`{"id":"a","function":{"name":"f","arguments":"` + strings.Repeat("x", 600<<10) + `"}}`)
}

package openai_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai"
)

// served returns a brain whose server gives one answer to everything.
func served(t *testing.T, status int, header string, body []byte) *openai.Brain {
	return brain(t, "http://model.example", func(o *openai.Options) {
		o.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status,
				Header:     http.Header{"Retry-After": {header}},
				Body:       io.NopCloser(bytes.NewReader(body)),
				Request:    r,
			}, nil
		})}
	})
}

// FuzzStream sends any bytes as a stream: Think ends, with an error or with a
// usage part (think checks it), and calls always hold JSON objects.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{
		chunks(hi, stop, used),
		strings.ReplaceAll(chunks(hi, stop), "\n", "\r\n"),
		chunks(fragments(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}`), done),
		chunks(fragments(`{"function":{"name":"f","arguments":{"x":1}}},{"function":{"name":"f","arguments":"{"}}`), done),
		chunks(`{"error":"` + testKey + `"}`),
		": wait\n\nevent: error\ndata: {\"message\":\"" + testKey + "\"}\n\n",
		"data: " + hi + "\n\n{\"error\":{\"message\":\"m\",\"code\":429}}",
		`{"error":{"message":"m"}}`, `[]`, `<html>`, "data: null\n", "data: {", "data:[DONE]", "event: error\ndata: \"\"\n", "\n", "",
		`data: {"choices":[{"delta":{"content":[{"type":"text","text":"x"}]},"finish_reason":"length"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := think(t, served(t, http.StatusOK, "", body), question("x"))
		if err != nil {
			if e := provider(t, err); strings.Contains(e.Error()+e.Code, testKey) || len(got.Calls) > 0 {
				t.Errorf("error %v, calls %v", e, got.Calls)
			}
			return
		}
		ids := map[string]bool{}
		for _, c := range got.Calls {
			var object map[string]any
			if json.Unmarshal(c.Args, &object) != nil || object == nil || c.Name == "" || c.ID == "" || ids[c.ID] {
				t.Errorf("call %+v", c)
			}
			ids[c.ID] = true
		}
	})
}

// FuzzRefusal sends any bytes as a refusal: the error is the provider's, holds
// no key and stays short.
func FuzzRefusal(f *testing.F) {
	f.Add(401, "", []byte(`{"error":{"message":"bad `+testKey+`","code":"`+testKey+`"}}`))
	f.Add(429, "7", []byte(`{"error":{"type":"insufficient_quota"}}`))
	f.Add(400, "x", []byte(`[{"error":"context length"}]`))
	f.Add(500, "Sun, 22 Nov 2026 10:01:30 GMT", []byte("sk-proj-\xff"+testKey))
	f.Add(422, "1h", []byte(`{"detail":[{"msg":"stream_options"}]}`))
	f.Fuzz(func(t *testing.T, status int, header string, body []byte) {
		if status < 400 || status > 999 {
			status = 400
		}
		_, err := think(t, served(t, status, header, body), question("x"))
		e := provider(t, err)
		if e.Status != status || e.RetryAfter < 0 || e.RetryAfter > 600e9 || len([]rune(e.Error())) > 400 {
			t.Errorf("status %d, retry after %s: %v", e.Status, e.RetryAfter, e)
		}
		if strings.Contains(e.Error()+e.Code, testKey) {
			t.Errorf("the key is in %q, code %q", e, e.Code)
		}
	})
}

package v1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/server/v1/contract"
)

// dice makes requests out of the document, most of them nearly right.
type dice struct {
	doc  map[string]any
	ids  []string // of things that exist
	keys []string // of requests, "GET /v1/chats"
}

func newDice(t *testing.T, ids ...string) *dice {
	t.Helper()
	data, err := v1.Document("")
	if err != nil {
		t.Fatal(err)
	}
	d := &dice{ids: append(ids, "adam", "nora", "team:all", "agent:adam", randomID)}
	if err := json.Unmarshal(data, &d.doc); err != nil {
		t.Fatal(err)
	}
	for _, op := range checker(t).Operations() {
		d.keys = append(d.keys, op.Method+" "+op.Path)
	}
	return d
}

// at follows names into nested objects.
func at(v any, names ...string) any {
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// follow returns what a reference stands for.
func (d *dice) follow(v any) map[string]any {
	if ref, ok := at(v, "$ref").(string); ok {
		v = at(d.doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	m, _ := v.(map[string]any)
	return m
}

// words are texts that programs stumble over, and some that are right.
var words = []string{
	"", " ", "hello", "pin this", "fail", "stop", "@nora hi", "add", "remove", "system", "monthly", "chat", "true", "1", "-1", "1e9", "null",
	"a/b", "../a", "%2e%2e%2f", "a b.png", "x.html", "\x00", "é", "🤖", "\u202e", "<b>&\"'", "https://example.org/a?b#c", "http://", "javascript:1",
	"a@b.c", strings.Repeat("a", 300), strings.Repeat("ü", 500),
}

func (d *dice) word(rt *rapid.T) string {
	return rapid.OneOf(rapid.SampledFrom(d.ids), rapid.SampledFrom(words), rapid.StringN(0, 20, 80)).Draw(rt, "word")
}

// chance is true once in n times.
func chance(rt *rapid.T, n int) bool { return rapid.IntRange(1, n).Draw(rt, "chance") == 1 }

// junk is a value of any kind.
func (d *dice) junk(rt *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, 0, -1, 1.5, 1e300, d.word(rt), []any{}, []any{nil, 1}, map[string]any{}, map[string]any{"a": []any{map[string]any{}}},
	}).Draw(rt, "junk")
}

// value makes a value for a schema, and now and then one of another kind.
func (d *dice) value(rt *rapid.T, v any) any {
	schema := d.follow(v)
	if chance(rt, 12) {
		return d.junk(rt)
	}
	for _, keyword := range []string{"oneOf", "enum", "examples"} {
		if list, ok := schema[keyword].([]any); ok {
			picked := rapid.SampledFrom(list).Draw(rt, keyword)
			if keyword == "oneOf" {
				return d.value(rt, picked)
			}
			return picked
		}
	}
	kind := schema["type"]
	if list, ok := kind.([]any); ok {
		kind = rapid.SampledFrom(list).Draw(rt, "type")
	}
	switch kind {
	case "string":
		return d.word(rt)
	case "integer":
		return rapid.OneOf(rapid.IntRange(-2, 600), rapid.SampledFrom([]int{1 << 62, -1 << 62})).Draw(rt, "integer")
	case "number":
		return rapid.Float64Range(-10, 1e12).Draw(rt, "number")
	case "boolean":
		return rapid.Bool().Draw(rt, "boolean")
	case "null":
		return nil
	case "array":
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "items") {
			list = append(list, d.value(rt, schema["items"]))
		}
		return list
	case "object":
		return d.object(rt, schema)
	}
	return d.junk(rt)
}

func (d *dice) object(rt *rapid.T, schema map[string]any) map[string]any {
	out := map[string]any{}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) && !chance(rt, 10) || chance(rt, 2) {
			out[name] = d.value(rt, properties[name])
		}
	}
	if chance(rt, 6) {
		out[d.word(rt)] = d.junk(rt)
	}
	return out
}

// path fills the parameters of a path and adds a query.
func (d *dice) path(rt *rapid.T, path string, operation map[string]any) string {
	query := url.Values{}
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := d.follow(p)
		name := fmt.Sprint(p["name"])
		switch p["in"] {
		case "path":
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(d.word(rt)))
		case "query":
			for range rapid.SampledFrom([]int{1, 1, 1, 0, 2}).Draw(rt, "times") {
				query.Add(name, fmt.Sprint(d.value(rt, p["schema"])))
			}
		}
	}
	prefix := rapid.SampledFrom([]string{"", "", "/api"}).Draw(rt, "prefix")
	if len(query) > 0 {
		return prefix + path + "?" + query.Encode()
	}
	return prefix + path
}

// body makes a body and says what it is.
func (d *dice) body(rt *rapid.T, operation map[string]any) (data []byte, contentType string) {
	content, _ := at(operation, "requestBody", "content").(map[string]any)
	switch {
	case len(content) == 0 || chance(rt, 10):
		data = []byte(rapid.SampledFrom([]string{
			"", "", "", "{", "null", "[]", `"text"`, `{"a":1}{"b":2}`, "\xff\xfe", "{\"content\":\"\xff\"}", `{"content":"\ud800"}`,
			strings.Repeat("[", 200), `{"content":1e999}`, `{"content":"a","content":"b"}`, `{"agent_key":"adam"} `,
		}).Draw(rt, "raw"))
		return data, rapid.SampledFrom([]string{"application/json", "", "text/plain", "multipart/form-data; boundary=x", "a/b;c"}).Draw(rt, "type")
	case content["multipart/form-data"] != nil:
		name := url.PathEscape(d.word(rt))
		return []byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: image/png\r\n\r\n" +
			string(png) + "\r\n--x--\r\n"), "multipart/form-data; boundary=x"
	}
	data, err := json.Marshal(d.value(rt, at(content, "application/json", "schema")))
	if err != nil {
		rt.Fatal(err)
	}
	return data, "application/json"
}

// Whatever is sent, the answer is one the document has, and never a failure of
// the server.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	putFile(t, app, ann, "a b.png", string(png), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	d := newDice(t, ann.Thread("Team Chat"), bob.Thread("Team Chat"), bob.ID, "a%20b.png")
	check := checker(t)
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(rt, "requests") {
			method, path, _ := strings.Cut(rapid.SampledFrom(d.keys).Draw(rt, "operation"), " ")
			operation := d.follow(at(d.doc, "paths", path, strings.ToLower(method)))
			body, contentType := d.body(rt, operation)
			target := d.path(rt, path, operation)
			req, err := http.NewRequestWithContext(t.Context(), method, app.URL+target, bytes.NewReader(body))
			if err != nil {
				rt.Fatal(err)
			}
			if contentType != "" {
				req.Header.Set("Content-Type", contentType)
			}
			if !chance(rt, 15) {
				req.Header.Set("Authorization", "Bearer "+ann.Token)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				rt.Fatal(err)
			}
			answer, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil {
				rt.Fatal(err)
			}
			id, faults := check.Check(contract.Answer{Method: method, Path: req.URL.EscapedPath(), Status: res.StatusCode, Header: res.Header, Body: answer})
			if res.StatusCode >= 500 && onlyFails[id] != res.StatusCode {
				faults = append(faults, fmt.Sprintf("status %d %s", res.StatusCode, answer))
			}
			for _, fault := range faults {
				rt.Errorf("%s %s\n%q\n%s", method, target, body, fault)
			}
		}
	})
}

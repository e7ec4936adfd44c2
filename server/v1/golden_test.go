package v1_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// golden collects the answers of one route.
type golden struct {
	t       *testing.T
	route   string
	answers []answer
	ids     map[string]string
}

// answer is one recorded answer, scrubbed.
type answer struct {
	Case    string            `json:"case"`
	Request string            `json:"request"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body"`
}

func newGolden(t *testing.T, route string) *golden {
	g := &golden{t: t, route: route, ids: map[string]string{}}
	t.Cleanup(g.compare)
	return g
}

// add records an answer and returns it as it came.
func (g *golden) add(name, request string, res apptest.Response) apptest.Response {
	a := answer{Case: name, Request: g.scrub(request), Status: res.Status, Headers: map[string]string{}}
	for _, h := range []string{"Content-Type", "WWW-Authenticate", "Retry-After", "Allow"} {
		if v := res.Header.Get(h); v != "" {
			a.Headers[h] = v
		}
	}
	if len(res.Body) > 0 {
		if !json.Valid(res.Body) {
			g.t.Errorf("%s: body is no JSON: %s", name, res.Body)
		}
		d := json.NewDecoder(bytes.NewReader(res.Body))
		d.UseNumber()
		if err := d.Decode(&a.Body); err != nil {
			g.t.Errorf("%s: %v", name, err)
		}
		if compact := new(bytes.Buffer); json.Compact(compact, res.Body) == nil && !bytes.Equal(compact.Bytes(), res.Body) {
			g.t.Errorf("%s: not compact: %s", name, res.Body)
		}
		a.Body = g.walk(a.Body)
	}
	g.answers = append(g.answers, a)
	return res
}

// do sends a request as the user and records the answer.
func (g *golden) do(name string, u *apptest.User, method, path string, body any) apptest.Response {
	request := method + " " + path
	if raw, ok := body.(string); ok {
		request, body = request+" "+raw, []byte(raw)
	}
	return g.add(name, request, u.Do(method, path, body))
}

var (
	idPattern   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b`)
	timePattern = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?(Z|\+00:00)`)
	dayPattern  = regexp.MustCompile(`[A-Z][a-z]{2} \d{1,2}, \d{4} \d{2}:\d{2} UTC`)
)

// scrub replaces what differs from run to run; equal ids stay equal.
func (g *golden) scrub(s string) string {
	s = idPattern.ReplaceAllStringFunc(s, func(id string) string {
		if id == randomID {
			return "random"
		}
		if g.ids[id] == "" {
			kind := "id"
			if len(id) == 32 {
				kind = "hex"
			}
			g.ids[id] = fmt.Sprintf("%s-%d", kind, len(g.ids)+1)
		}
		return g.ids[id]
	})
	s = timePattern.ReplaceAllStringFunc(s, func(at string) string {
		if strings.HasPrefix(at, "2020-") {
			return at // chosen by the test
		}
		if strings.HasSuffix(at, "Z") {
			return "time:Z"
		}
		return "time:+00:00"
	})
	return dayPattern.ReplaceAllString(s, "day UTC")
}

func (g *golden) walk(v any) any {
	switch v := v.(type) {
	case string:
		return g.scrub(v)
	case []any:
		for i := range v {
			v[i] = g.walk(v[i])
		}
	case map[string]any:
		for _, key := range sorted(v) {
			if key == "seq" {
				v[key] = "seq"
				continue
			}
			v[key] = g.walk(v[key])
		}
	}
	return v
}

func (g *golden) compare() {
	if g.t.Skipped() {
		return
	}
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(g.answers); err != nil {
		g.t.Fatal(err)
	}
	name := filepath.Join("testdata", g.route+".golden.json")
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(name, got.Bytes(), 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		g.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		g.t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestGolden walks through every route in a story of two people, and compares
// each answer with the recorded one.
func TestGolden(t *testing.T) {
	t.Parallel()
	app, ann, bob, model := product(t, nil)
	s := &story{app: app, ann: ann, bob: bob, model: model, socket: ann.Dial()}
	for _, chapter := range []struct {
		name string
		tell func(*story, *testing.T)
	}{
		{"health", (*story).health}, {"billing", (*story).billing}, {"store", (*story).store}, {"metadata", (*story).metadata}, {"chats", (*story).chats},
		{"messages", (*story).messages}, {"pinboard", (*story).pinboard}, {"gmail", (*story).gmail}, {"files", (*story).files}, {"profile", (*story).profile},
		{"settings", (*story).settings}, {"jobs", (*story).jobs}, {"emptying", (*story).emptying},
		{"search", (*story).search}, {"memories", (*story).memories}, {"permissions", (*story).permissions}, {"organization", (*story).organization},
	} {
		t.Run(chapter.name, func(t *testing.T) { chapter.tell(s, t) })
	}
}

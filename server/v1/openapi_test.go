package v1_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/config"
	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/server/v1/contract"
)

// pages are the operations that cmd/app serves outside the table of routes.
var pages = []string{"GET /docs", "GET /redoc"}

// routeName writes an operation as the table of routes does.
func routeName(op contract.Operation) string {
	return op.Method + " " + strings.TrimPrefix(op.Path, "/v1")
}

func checker(t testing.TB) *contract.Checker {
	t.Helper()
	data, err := v1.Document("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.New(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What is served is what is documented, in both directions.
func TestDocumentEqualsRoutes(t *testing.T) {
	t.Parallel()
	check := checker(t)
	served := map[string]bool{}
	for _, r := range v1.Routes() {
		var path []string
		for part := range strings.SplitSeq(r.Path, "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				part = "{" + name + "}"
			}
			if part == "*" {
				part = "{file_path}"
			}
			path = append(path, part)
		}
		served[r.Method+" "+strings.Join(path, "/")] = true
		if id, _ := check.Check(contract.Answer{Method: r.Method, Path: "/v1" + filled(r.Path)}); id == "" {
			t.Errorf("%s %s is served, but not documented", r.Method, r.Path)
		}
	}
	for _, op := range check.Operations() {
		if name := routeName(op); !served[name] && !slices.Contains(pages, name) {
			t.Errorf("%s is documented, but not served", name)
		}
	}
}

// Who may call is documented as it is enforced.
func TestDocumentSaysWhoMayCall(t *testing.T) {
	t.Parallel()
	data, err := v1.Document("")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Security *[]map[string]any
			Tags     []string
			Summary  string
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	access := map[string]v1.Access{}
	for _, r := range v1.Routes() {
		access[r.Method+" "+filled(r.Path)] = r.Access
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if len(op.Tags) != 1 || op.Summary == "" {
				t.Errorf("%s %s: tags %q, summary %q", method, path, op.Tags, op.Summary)
			}
			bare := strings.TrimPrefix(path, "/v1")
			var concrete []string
			for part := range strings.SplitSeq(bare, "/") {
				if strings.HasPrefix(part, "{") {
					part = "x"
				}
				concrete = append(concrete, part)
			}
			want, served := access[strings.ToUpper(method)+" "+strings.Join(concrete, "/")]
			if !served {
				continue
			}
			got := v1.AccessToken
			switch {
			case op.Security == nil:
			case len(*op.Security) == 0 || len((*op.Security)[0]) == 0:
				got = v1.AccessPublic
			case (*op.Security)[0]["socketToken"] != nil:
				got = v1.AccessSocket
			default: // a credential of its own, so no access token
				if want == v1.AccessToken || want == v1.AccessSocket {
					t.Errorf("%s %s: documented for %v, enforced is access %d", method, path, *op.Security, want)
				}
				continue
			}
			if got != want {
				t.Errorf("%s %s: documented for access %d, enforced is %d", method, path, got, want)
			}
		}
	}
}

// The document is OpenAPI 3.1 in the eyes of a library that is not ours.
func TestDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	data, err := v1.Document("https://tmates.example.org")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"https://tmates.example.org", "https://tmates.example.org/api"}, []string{doc.Servers[0].URL, doc.Servers[1].URL}); diff != "" {
		t.Errorf("servers:\n%s", diff)
	}
}

func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	app, _, _, _ := product(t, func(c *config.Config) { c.PublicURL = "https://tmates.example.org" })
	want, err := v1.Document("https://tmates.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range v1.Prefixes() {
		res := app.Do("GET", prefix+"/openapi.json", "", nil)
		if res.Status != http.StatusOK || !bytes.Equal(res.Body, want) {
			t.Errorf("%s/openapi.json: %d, %d bytes, want %d", prefix, res.Status, len(res.Body), len(want))
		}
		tag := res.Header.Get("ETag")
		for header, status := range map[string]int{tag: 304, `"x", W/` + tag: 304, "*": 304, `"x"`: 200} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", app.URL+prefix+"/openapi.json", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("If-None-Match", header)
			again, err := app.Client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = again.Body.Close()
			if again.StatusCode != status {
				t.Errorf("If-None-Match %s: %d, want %d", header, again.StatusCode, status)
			}
		}
	}
}

package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Checker knows the document. Its methods may be called from any goroutine.
type Checker struct {
	operations []*operation
	failure    *jsonschema.Schema            // body of an error nobody documents: 404 and 405 of the router
	frames     map[string]*jsonschema.Schema // by type
}

// operation is one method of one path.
type operation struct {
	Operation
	segments  []string // of the path without /v1; "{name}" is any
	greedy    bool     // the last segment is any number of them
	responses map[int]response
}

// Operation names an operation of the document.
type Operation struct {
	ID       string
	Method   string
	Path     string // as it is written there
	Statuses []int  // it may answer, sorted
}

// response is what the document says of one status.
type response struct {
	bodyOptional bool
	headers      map[string]header
	content      map[string]*jsonschema.Schema // by media type; nil: any body
}

type header struct {
	required bool
	number   bool // its text is a whole number
	schema   *jsonschema.Schema
}

// value is a header as its schema has it.
func (h header) value(text string) any {
	if n, err := strconv.Atoi(text); err == nil && h.number {
		return n
	}
	return text
}

// Answer is what a server said.
type Answer struct {
	Method string
	Path   string // escaped, without the query
	Status int
	Header http.Header
	Body   []byte // whole
}

// Operations returns every operation of the document, in its order.
func (c *Checker) Operations() []Operation {
	all := make([]Operation, len(c.operations))
	for i, op := range c.operations {
		all[i] = op.Operation
	}
	return all
}

// Check returns which operation an answer belongs to, and every way in which it
// is not what the document says. An answer of another contract belongs to none
// and has no faults.
func (c *Checker) Check(a Answer) (operationID string, faults []string) {
	op, path, prefixed := c.find(a.Method, a.Path)
	if op == nil {
		if !path && !prefixed || a.Method == http.MethodOptions {
			return "", nil
		}
		return "", c.unrouted(a, path)
	}
	if a.Status == http.StatusMethodNotAllowed && !strings.Contains(a.Header.Get("Allow"), a.Method) {
		return "", c.unrouted(a, path) // no handler was reached; what is served at all is for another test to say
	}
	r, ok := op.responses[a.Status]
	if !ok {
		return op.ID, []string{fmt.Sprintf("%s answers %d, which is not documented: %.300s", op.ID, a.Status, a.Body)}
	}
	for _, fault := range r.check(a) {
		faults = append(faults, fmt.Sprintf("%s answers %d: %s", op.ID, a.Status, fault))
	}
	return op.ID, faults
}

// unrouted checks the router's own answer.
func (c *Checker) unrouted(a Answer, known bool) (faults []string) {
	name := a.Method + " " + a.Path
	switch {
	case a.Status != http.StatusNotFound && a.Status != http.StatusMethodNotAllowed:
		return []string{fmt.Sprintf("%.200s is in no document, but answers %d: %.300s", name, a.Status, a.Body)}
	case known && a.Header.Get("Allow") == "":
		faults = append(faults, fmt.Sprintf("%.200s answers %d without Allow", name, a.Status))
	}
	if a.Method == http.MethodHead {
		return faults
	}
	for _, fault := range validate(c.failure, a.Body) {
		faults = append(faults, fmt.Sprintf("%.200s answers %d: %s", name, a.Status, fault))
	}
	return faults
}

// find returns the operation for a path under any prefix, by its own name where
// the document has it twice (/health and /v1/health). path tells that there
// are others under it, prefixed that it can only be this contract's.
func (c *Checker) find(method, escaped string) (best *operation, path, prefixed bool) {
	bare := strings.TrimRight(escaped, "/")
	for _, prefix := range []string{"/api/v1", "/api", "/v1"} {
		if rest, ok := strings.CutPrefix(bare, prefix); ok && (rest == "" || rest[0] == '/') {
			bare, prefixed = rest, true
			break
		}
	}
	segments := strings.Split(strings.TrimPrefix(bare, "/"), "/")
	for _, op := range c.operations {
		if !op.matches(segments) {
			continue
		}
		path = true
		if op.Method == method && (best == nil || op.parameters() < best.parameters() || op.Path == escaped) {
			best = op
		}
	}
	return best, path, prefixed
}

func (op *operation) matches(segments []string) bool {
	if len(segments) < len(op.segments) || len(segments) > len(op.segments) && !op.greedy {
		return false
	}
	for i, want := range op.segments {
		if want[0] != '{' && want != segments[i] {
			return false
		}
	}
	return true
}

func (op *operation) parameters() (n int) {
	for _, s := range op.segments {
		if s[0] == '{' {
			n++
		}
	}
	return n
}

func (r response) check(a Answer) (faults []string) {
	for _, name := range slices.Sorted(maps.Keys(r.headers)) {
		h, sent := r.headers[name], a.Header.Values(name)
		switch {
		case len(sent) == 0 && h.required:
			faults = append(faults, "header "+name+" is missing")
		case len(sent) > 0:
			for _, fault := range validateValue(h.schema, h.value(sent[0])) {
				faults = append(faults, "header "+name+": "+fault)
			}
		}
	}
	contentType := a.Header.Get("Content-Type")
	switch {
	case a.Method == http.MethodHead || len(r.content) == 0:
		if len(a.Body) > 0 {
			faults = append(faults, fmt.Sprintf("there is a body: %.300s", a.Body))
		}
		return faults
	case len(a.Body) == 0 && r.bodyOptional:
		return faults
	}
	schema, ok := r.content[contentType]
	if !ok {
		media, _, _ := mime.ParseMediaType(contentType)
		if media == "application/json" && contentType != media {
			return append(faults, "content type "+contentType+" has a parameter")
		}
		if schema, ok = r.content[media]; !ok {
			schema, ok = r.content["*/*"]
		}
	}
	switch {
	case !ok:
		return append(faults, fmt.Sprintf("content type %q is not documented", contentType))
	case schema == nil || contentType != "application/json":
		return faults
	}
	return append(faults, validate(schema, a.Body)...)
}

// Frame returns every way in which a frame the server sent is not what the
// document says.
func (c *Checker) Frame(data []byte) []string {
	var frame struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &frame); err != nil || c.frames[frame.Type] == nil {
		return []string{fmt.Sprintf("no frame is of type %.50q", frame.Type)}
	}
	return validate(c.frames[frame.Type], data)
}

// maxFaults bounds what is told of one answer: a list can be wrong a thousand
// times over.
const maxFaults = 10

func validate(schema *jsonschema.Schema, body []byte) []string {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return []string{fmt.Sprintf("the body is no JSON (%v): %.300s", err, body)}
	}
	return validateValue(schema, value)
}

func validateValue(schema *jsonschema.Schema, value any) []string {
	err := schema.Validate(value)
	if err == nil {
		return nil
	}
	_, where, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n") // the first line names the schema
	faults := strings.Split(where, "\n")
	return faults[:min(len(faults), maxFaults)]
}

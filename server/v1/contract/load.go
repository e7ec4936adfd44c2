package contract

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// address is under which the schemas find each other; nothing is fetched.
const address = "https://document.invalid/openapi.json"

// New reads a document, which is OpenAPI 3.1 as JSON, and compiles its schemas.
func New(document []byte) (*Checker, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("read document: it is no object")
	}
	l := &loader{root: root, compiler: jsonschema.NewCompiler(), closed: map[string]bool{}}
	l.closeAnswers()
	l.compiler.DefaultDraft(jsonschema.Draft2020)
	l.compiler.AssertFormat()
	if err := l.compiler.AddResource(address, root); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	c := &Checker{failure: l.compile("/components/schemas/Error"), frames: l.frames()}
	paths := object(root, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := object(paths, path)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			c.operations = append(c.operations, l.operation(path, method, object(methods, method)))
		}
	}
	return c, errors.Join(l.faults...)
}

// loader collects what is wrong with a document, so that all of it is told.
type loader struct {
	root     map[string]any
	compiler *jsonschema.Compiler
	closed   map[string]bool // components that closeSchema has seen
	faults   []error
}

func (l *loader) fault(format string, a ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, a...))
}

// object returns an object inside another; what is missing is empty.
func object(in map[string]any, name string) map[string]any {
	out, _ := in[name].(map[string]any)
	return out
}

func (l *loader) compile(pointer string) *jsonschema.Schema {
	schema, err := l.compiler.Compile(address + "#" + pointer)
	if err != nil {
		l.fault("compile %s: %w", pointer, err)
	}
	return schema
}

// escape makes a name part of a JSON pointer in an address.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}

// follow returns what a reference stands for, and where that is.
func (l *loader) follow(pointer string, v map[string]any) (string, map[string]any) {
	ref, ok := v["$ref"].(string)
	if !ok {
		return pointer, v
	}
	at := l.root
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = object(at, part)
	}
	if at == nil {
		l.fault("%s: there is no %s", pointer, ref)
	}
	return strings.TrimPrefix(ref, "#"), at
}

// frames compiles what ServerFrame can be.
func (l *loader) frames() map[string]*jsonschema.Schema {
	frames := map[string]*jsonschema.Schema{}
	list, _ := object(object(object(l.root, "components"), "schemas"), "ServerFrame")["oneOf"].([]any)
	for _, v := range list {
		ref, _ := v.(map[string]any)
		pointer, frame := l.follow("ServerFrame", ref)
		kind, _ := object(object(frame, "properties"), "type")["const"].(string)
		frames[kind] = l.compile(pointer)
	}
	return frames
}

func (l *loader) operation(path, method string, in map[string]any) *operation {
	op := &operation{responses: map[int]response{}}
	op.ID, _ = in["operationId"].(string)
	op.Method, op.Path = strings.ToUpper(method), path
	op.segments = strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, "/v1"), "/"), "/")
	parameters, _ := in["parameters"].([]any)
	for _, p := range parameters {
		if p, ok := p.(map[string]any); ok {
			_, p = l.follow(path, p)
			op.greedy = op.greedy || p["x-greedy"] == true
		}
	}
	responses := object(in, "responses")
	for code := range responses {
		status, err := strconv.Atoi(code)
		if err != nil || http.StatusText(status) == "" {
			l.fault("%s: %q is no status", op.ID, code)
			continue
		}
		pointer := "/paths/" + escape(path) + "/" + method + "/responses/" + code
		op.responses[status] = l.response(l.follow(pointer, object(responses, code)))
		op.Statuses = append(op.Statuses, status)
	}
	slices.Sort(op.Statuses)
	return op
}

func (l *loader) response(pointer string, in map[string]any) response {
	r := response{bodyOptional: in["x-body-optional"] == true, headers: map[string]header{}, content: map[string]*jsonschema.Schema{}}
	for name := range object(in, "headers") {
		at, h := l.follow(pointer+"/headers/"+name, object(object(in, "headers"), name))
		r.headers[name] = header{
			required: h["required"] == true, number: object(h, "schema")["type"] == "integer", schema: l.compile(at + "/schema"),
		}
	}
	for media, v := range object(in, "content") {
		body, _ := v.(map[string]any)
		if body["schema"] == nil {
			r.content[media] = nil
			continue
		}
		r.content[media] = l.compile(pointer + "/content/" + escape(media) + "/schema")
	}
	return r
}

// closeAnswers makes a property nobody documented a fault, in every schema that
// an answer or a frame can have.
func (l *loader) closeAnswers() {
	l.closeSchema("ServerFrame", object(object(object(l.root, "components"), "schemas"), "ServerFrame"))
	responses := object(object(l.root, "components"), "responses")
	for name := range responses {
		l.closeContent(name, object(responses, name))
	}
	for _, path := range object(l.root, "paths") {
		methods, _ := path.(map[string]any)
		for method := range methods {
			operation := object(methods, method)
			for code := range object(operation, "responses") {
				l.closeContent(fmt.Sprint(operation["operationId"]), object(object(operation, "responses"), code))
			}
		}
	}
}

func (l *loader) closeContent(name string, response map[string]any) {
	for media := range object(response, "content") {
		l.closeSchema(name, object(object(object(response, "content"), media), "schema"))
	}
}

func (l *loader) closeSchema(name string, schema map[string]any) {
	if schema == nil {
		return
	}
	if ref, ok := schema["$ref"].(string); ok {
		if !l.closed[ref] {
			l.closed[ref] = true
			_, target := l.follow(name, schema)
			l.closeSchema(ref, target)
		}
		return
	}
	for _, keyword := range []string{"allOf", "not", "if", "unevaluatedProperties", "patternProperties"} {
		if schema[keyword] != nil {
			l.fault("%s: %s does not go together with closing what it describes", name, keyword)
		}
	}
	properties := object(schema, "properties")
	if schema["additionalProperties"] == nil && (properties != nil || describesObjects(schema["type"])) {
		if properties == nil {
			l.fault("%s: an object says neither which properties it has nor that it has any", name)
		}
		schema["additionalProperties"] = false
	}
	for _, inner := range []map[string]any{object(schema, "items"), object(schema, "additionalProperties")} {
		l.closeSchema(name, inner)
	}
	for property := range properties {
		l.closeSchema(name+"."+property, object(properties, property))
	}
	for _, keyword := range []string{"oneOf", "anyOf", "prefixItems"} {
		list, _ := schema[keyword].([]any)
		for i, v := range list {
			inner, _ := v.(map[string]any)
			l.closeSchema(fmt.Sprintf("%s/%d", name, i), inner)
		}
	}
}

func describesObjects(kind any) bool {
	list, _ := kind.([]any)
	return kind == "object" || slices.Contains(list, any("object"))
}

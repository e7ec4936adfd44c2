package v1

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the document
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"
)

// openAPI is the document that describes this contract, kept by hand. Tests hold
// it against the table of routes and against every answer they get.
//
//go:embed openapi.yaml
var openAPI []byte

// Document returns the OpenAPI document as JSON, in the order it is written in.
// Its servers are those at base, an address without a trailing slash; with an
// empty base they stay relative.
func Document(base string) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(openAPI, &root); err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}
	if base != "" {
		for _, s := range child(root.Content[0], "servers").Content {
			url := child(s, "url")
			url.Value = base + strings.TrimSuffix(url.Value, "/")
		}
	}
	var out bytes.Buffer
	if err := writeNode(&out, root.Content[0]); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// child returns a value of a mapping; what is missing has no content.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// writeNode writes a YAML node as JSON. A map of Go would lose the order, and
// with it the order in which readers see the operations.
func writeNode(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeValue(out, n.Content[i].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeNode(out, n.Content[i+1]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeNode(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	case yaml.ScalarNode:
		var v any
		if err := n.Decode(&v); err != nil {
			return fmt.Errorf("read OpenAPI document: %w", err)
		}
		return writeValue(out, v)
	}
	return errors.New("read OpenAPI document: aliases are not understood")
}

func writeValue(out *bytes.Buffer, v any) error {
	data, err := encode(v)
	out.Write(data)
	return err
}

// getDocument serves GET /openapi.json. The document is made when it is asked
// for the first time.
func getDocument(base string) func(call) error {
	type made struct {
		data []byte
		tag  string
	}
	document := sync.OnceValues(func() (m made, err error) {
		m.data, err = Document(base)
		sum := sha256.Sum256(m.data)
		m.tag = `"` + hex.EncodeToString(sum[:8]) + `"`
		return m, err
	})
	return func(c call) error {
		m, err := document()
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("ETag", m.tag)
		h.Set(echo.HeaderCacheControl, "no-cache") // it changes with the program
		if matches(c.Request().Header.Get("If-None-Match"), m.tag) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, "application/json", m.data)
	}
}

// matches reports whether an If-None-Match header names the tag.
func matches(header, tag string) bool {
	for want := range strings.SplitSeq(header, ",") {
		if want = strings.TrimPrefix(strings.TrimSpace(want), "W/"); want == tag || want == "*" {
			return true
		}
	}
	return false
}
